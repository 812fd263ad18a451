"""The lecturer's report: what needs a person, then distribution, hardest questions, copies."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from cs826tl_grader.marking.cohort import Marks
from cs826tl_grader.marking.marks import Mark, with_note
from cs826tl_grader.marking.sitting import HINT, TO_READ
from cs826tl_grader.plain.writing import safe_cell
from cs826tl_grader.platforms.intake import Row
from cs826tl_grader.report.pages import render, totals

REVIEW = ("needs-review",)
INCIDENTS = ("tampered", "timeout", "crashed")
FEWEST = 2  # longer answers of an exercise that must be alike
Lines = list[tuple[str, bool]]  # each line of code, and whether the other one has it too


def overview(
    marks: Marks, unsandboxed: bool, refused: Mapping[str, str], received: Sequence[Row] = ()
) -> str:
    """Return the report as one page."""
    by_exercise: dict[str, dict[str, list[Mark]]] = defaultdict(dict)
    for (student, exercise), found in marks.items():
        by_exercise[exercise][student] = found
    return render(
        "report.html",
        students=len({student for student, _ in marks}),
        waiting=sum(m.status == "needs-review" for found in marks.values() for m in found),
        review=_rows(marks, REVIEW),
        exercises=[_exercise(name, found) for name, found in by_exercise.items()],
        incidents=[*_rows(marks, INCIDENTS), *_confined(marks)],
        troubled={status: _students(marks, status) for status in INCIDENTS},
        alike=[group for name, found in by_exercise.items() for group in alike(name, found)],
        unsandboxed=unsandboxed,
        unmatched=[row for row in received if row.status == "unmatched"],
        refused={safe_cell(entry): reason for entry, reason in refused.items()},
    )


def _rows(marks: Marks, statuses: Sequence[str]) -> list[dict[str, str]]:
    """Return one row for each reason of these statuses in a submission, with its questions.

    A text that only waits to be read is no trouble: `by_hand.csv` has it.
    """
    hit: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for (student, exercise), found in marks.items():
        for m in found:
            if m.status in statuses and m.reason != TO_READ:
                reason = with_note(m.reason, m.failure)
                hit[student, exercise, m.status, reason].append(m.question)
    columns = ("student", "exercise", "status", "reason")
    return [
        {**dict(zip(columns, row, strict=True)), "questions": ", ".join(questions)}
        for row, questions in hit.items()
    ]


def _confined(marks: Marks) -> list[dict[str, str]]:
    """Return one row for each submission in which the sandbox denied something."""
    return [
        {"student": student, "exercise": exercise, "status": "confined",
         "reason": found[0].denied, "questions": ""}
        for (student, exercise), found in marks.items()
        if found and found[0].denied
    ]  # fmt: skip


def _students(marks: Marks, status: str) -> int:
    return len({s for (s, _), found in marks.items() if any(m.status == status for m in found)})


def _exercise(name: str, found: Mapping[str, Sequence[Mark]]) -> dict[str, Any]:
    shares = [points / most if most else 0.0 for points, most in map(totals, found.values())]
    tenths = Counter(min(int(10 * share), 9) for share in shares)
    highest = max(tenths.values())
    bins = [(10 * k, tenths[k], 100 * tenths[k] / highest) for k in range(10)]
    by_question: dict[str, list[Mark]] = defaultdict(list)
    for marks in found.values():
        for m in marks:
            by_question[m.question].append(m)
    questions = [_question(question, marks) for question, marks in by_question.items()]
    return {"name": name, "bins": bins, "questions": sorted(questions, key=lambda q: q["share"])}


def _question(name: str, marks: Sequence[Mark]) -> dict[str, Any]:
    """Return how a question went, as far as it is marked."""
    marked = [m for m in marks if m.status != "needs-review"]
    full = sum(m.points >= m.max_points for m in marked)
    wrong = [m for m in marked if m.points < m.max_points]
    reasons = Counter(m.reason.partition(HINT)[0] for m in wrong)
    return {
        "name": name,
        "full": full,
        "marked": len(marked),
        "waiting": len(marks) - len(marked),
        "share": full / len(marked) if marked else 1.0,
        "wrong": reasons.most_common(3),
        "commonest": _commonest(wrong),
    }


def _commonest(wrong: Sequence[Mark]) -> tuple[str, int]:
    """Return the code that most of the wrong answers share but for its names, and how many do."""
    groups: dict[str, list[str]] = defaultdict(list)
    for m in wrong:
        if m.code:
            groups[m.shape or m.code].append(m.code)
    codes = max(groups.values(), key=len, default=[])
    return (codes[0], len(codes)) if len(codes) > 1 else ("", 0)


@dataclass(frozen=True)
class Alike:
    """Students whose longer answers to an exercise are alike; the first two are shown beside."""

    exercise: str
    students: Sequence[str]
    beside: Sequence[tuple[str, Lines, Lines]]  # by question


def alike(exercise: str, found: Mapping[str, Sequence[Mark]]) -> list[Alike]:
    """Return the groups of an exercise, the largest first."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for student, marks in found.items():
        shapes = tuple(m.shape for m in marks if m.shape)
        if len(shapes) >= FEWEST:
            groups[shapes].append(student)
    several = sorted((g for g in groups.values() if len(g) > 1), key=len, reverse=True)
    return [Alike(exercise, g, _beside(found[g[0]], found[g[1]])) for g in several]


def _beside(one: Sequence[Mark], other: Sequence[Mark]) -> list[tuple[str, Lines, Lines]]:
    theirs = {mark.question: mark for mark in other}
    return [
        (mark.question, *shared(mark.code, theirs[mark.question].code))
        for mark in one
        if mark.shape and mark.question in theirs
    ]


def shared(one: str, other: str) -> tuple[Lines, Lines]:
    r"""Return the lines of two texts, each with whether the other text has it in its place.

    >>> shared("a = 1\nb = 2", "a = 1\nc = 2")
    ([('a = 1', True), ('b = 2', False)], [('a = 1', True), ('c = 2', False)])
    """
    left, right = one.split("\n"), other.split("\n")
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    same_left = {block.a + k for block in blocks for k in range(block.size)}
    same_right = {block.b + k for block in blocks for k in range(block.size)}
    return (
        [(line, k in same_left) for k, line in enumerate(left)],
        [(line, k in same_right) for k, line in enumerate(right)],
    )
