"""Questions for a talk of five minutes: drawn from a student's own copy and own code.

Whoever wrote the answers, or understood them, answers at once. Each question comes with the answer
that the grader computed, for the examiner. A sheet is one page of A4.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cs826tl_grader.exercise.checks import shortened
from cs826tl_grader.exercise.rubric import Function, Prediction, Value, Variant
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.exercise.variants import generator, variant_of
from cs826tl_grader.marking.cohort import Cohort, Marks
from cs826tl_grader.marking.marks import Mark
from cs826tl_grader.plain.writing import left_out, safe_name, write_text
from cs826tl_grader.report.pages import render

MOST = 3  # questions of one sheet
TRIES = 20  # at drawing a copy in which the answer is another one
GAP = "…"
LONGEST = 40  # characters of a value that one can say aloud
ROWS, WIDTH = 42, 92  # of text and code on a page, beside headings; characters of a row
LONGEST_ASKED, LONGEST_LINE = 4 * WIDTH, 2 * WIDTH  # characters of a question; of an answer


@dataclass
class Asked:
    """One question: what to ask, the code to show, and the answer, for the examiner only."""

    kind: str
    ask: str
    code: str
    answer: str
    turn: int = 0
    line: int = 0  # the line of the code that matters most


def write_viva(marks: Marks, cohort: Cohort, secret: bytes) -> int:
    """Write `report/viva/<student>.html`, a page with up to three questions, and return how many.

    Who answered nothing in code gets none: there is nothing to talk about. Nobody but the examiner
    should see a sheet, for it holds the answers.
    """
    exercises = {exercise.name: exercise for exercise in cohort.exercises}
    asked: dict[str, list[Asked]] = {}
    for (student, name), found in sorted(marks.items()):
        with left_out(f"questions for {student} on {name}"):
            received = [mark.predicted for mark in found if mark.predicted]
            variant = variant_of(exercises[name].rubric, student, cohort.key, received)
            drawn = questions(exercises[name], student, variant, found, secret)
            if drawn:
                asked.setdefault(student, []).extend(drawn)
    for student, all_of_them in asked.items():
        with left_out(f"the sheet of {student}"):
            sheet = on_a_page(chosen(all_of_them))
            page = render("viva.html", student=student, questions=sheet)
            write_text(cohort.report / "viva" / f"{safe_name(student)}.html", page)
    return len(asked)


def chosen(found: Sequence[Asked]) -> list[Asked]:
    """Return one question on a run of the student's own, if there is any, and others by turn."""
    runs = [one for one in found if one.kind == "run"][:1]
    others = [one for one in found if one not in runs]
    return [*runs, *sorted(others, key=lambda one: one.turn)][:MOST]


def questions(
    exercise: Exercise, student: str, variant: Variant, marks: Sequence[Mark], secret: bytes
) -> list[Asked]:
    """Return what can be asked about a submission, the same whenever it is drawn."""
    drawn = generator(secret, student, exercise.name, "viva")
    by_name = {mark.question: mark for mark in marks if mark.code}
    found: list[Asked] = []
    for question in exercise.rubric.questions:
        mark = by_name.get(question.name)
        if mark is not None and mark.talk:
            found.append(Asked("run", mark.talk, mark.code, mark.talk_answer))
        if mark is not None and isinstance(question, Function):
            found += [*_gap(mark, drawn), *_call(question, variant, mark, drawn)]
        elif mark is not None and isinstance(question, Prediction):
            ask = f"You predicted `{mark.question}` before your run. What did it show, and why?"
            found.append(Asked("prediction", ask, mark.code, mark.reason))
        elif mark is not None and isinstance(question, Value):
            found += _other_copy(exercise, question, variant, mark, drawn)
    drawn.shuffle(found)
    kinds = Counter[str]()
    for one in found:  # one of each kind before the second of any
        kinds[one.kind] += 1
        one.turn = kinds[one.kind]
    return found


def _gap(mark: Mark, drawn: np.random.Generator) -> Iterator[Asked]:
    """Ask which line of the student's own code is missing."""
    lines = mark.code.split("\n")
    inside = [k for k, line in enumerate(lines) if k and line.strip() and not _says_nothing(line)]
    if inside:
        k = int(drawn.choice(inside))
        indent = lines[k][: len(lines[k]) - len(lines[k].lstrip())]
        code = "\n".join([*lines[:k], f"{indent}{GAP}", *lines[k + 1 :]])
        ask = (
            f"One line of your `{mark.question}` is missing. What stood there, and what is it for?"
        )
        yield Asked("gap", ask, code, lines[k].strip(), line=k)


def _says_nothing(line: str) -> bool:
    return line.lstrip().startswith(("#", '"', "'", ")", "]", "}"))


def _call(
    question: Function, variant: Variant, mark: Mark, drawn: np.random.Generator
) -> Iterator[Asked]:
    """Ask what a call returns; the last of the cases that can be said aloud is drawn, not fixed."""
    if question.check is not None:  # it has no one right answer
        return
    for arguments in reversed(list(question.cases(drawn, variant))):
        shown = [shortened(argument) for argument in arguments]
        right = shortened(question.solution(variant, *arguments))
        if all(len(text) <= LONGEST for text in (*shown, right)):
            call = f"{question.name}({', '.join(shown)})"
            wrong = " (the code below was wrong in some case)" * (mark.points < mark.max_points)
            ask = f"What should `{call}` return? Show where this code gets it from."
            yield Asked("call", ask, mark.code, f"{right}{wrong}")
            return


def _other_copy(
    exercise: Exercise, question: Value, variant: Variant, mark: Mark, drawn: np.random.Generator
) -> Iterator[Asked]:
    """Ask what would be right in another student's copy."""
    mine = shortened(question.solution(variant))
    for other in (exercise.rubric.draw_variant(drawn) for _ in range(TRIES)):
        theirs = shortened(question.solution(other))
        if theirs == mine:
            continue
        changed = {key: value for key, value in other.items() if variant.get(key) != value}
        named = ", ".join(f"{key} = {shortened(value)}" for key, value in changed.items())
        ask = f"In another copy {named}. What is `{question.name}` there, and why?"
        yield Asked("copy", ask, mark.code, f"{theirs} (in your own copy it is {mine})")
        return


def on_a_page(asked: Sequence[Asked]) -> list[Asked]:
    r"""Return the questions with as much of their code as fits on one page together.

    The longest is cut first, and the line that matters stays.

    >>> code = "\n".join(f"x{k} = {k}" for k in range(99))
    >>> (one,) = on_a_page([Asked("gap", "Which line?", code, "x9 = 9", line=9)])
    >>> len(one.code.split("\n")) <= ROWS, "x9 = 9" in one.code
    (True, True)
    """
    short = [
        replace(
            one,
            ask=_cut(one.ask, LONGEST_ASKED),
            answer=_cut(one.answer, LONGEST_LINE),
            code="\n".join(_cut(s, LONGEST_LINE) for s in one.code.expandtabs().split("\n")),
        )
        for one in asked
    ]
    wanted = [_rows(one.code) for one in short]
    room = ROWS - sum(2 * _rows(one.ask) + _rows(one.answer) for one in short)
    while sum(wanted) > room and max(wanted) > 1:
        wanted[wanted.index(max(wanted))] -= 1
    return [
        replace(one, code=_around(one.code.split("\n"), one.line, rows))
        for one, rows in zip(short, wanted, strict=True)
    ]


def _around(lines: Sequence[str], focus: int, rows: int) -> str:
    """Return what fits into `rows` rows around a line, and a sign where something is left out."""
    first, end = focus, focus + 1
    while end - first < len(lines):
        below = end < len(lines) and (first == 0 or end - focus <= focus - first)
        tried = (first, end + 1) if below else (first - 1, end)
        cut = (tried[0] > 0) + (tried[1] < len(lines))
        if sum(map(_rows, lines[slice(*tried)])) + cut > rows:
            break
        first, end = tried
    above, below_ = ["⋮"] * (first > 0), ["⋮"] * (end < len(lines))
    return "\n".join([*above, *lines[first:end], *below_])


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]} [cut]"


def _rows(text: str) -> int:
    """Return the rows that a text takes; letters of other scripts may be twice as wide."""
    lines = (sum(1 + (c > "\u02ff") for c in line) for line in text.split("\n"))
    return sum(max(1, math.ceil(wide / WIDTH)) for wide in lines)
