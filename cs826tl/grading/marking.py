"""From one submission to its marks: run it in the sandbox, put the questions, judge the answers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cs826tl.grading.exchange import Refused
from cs826tl.grading.exercise import Exercise
from cs826tl.grading.isolation import Died, Sandbox, TookTooLong
from cs826tl.grading.notebook import Cell, Unreadable, read_notebook
from cs826tl.grading.rubric import Question, Text, Value, Variant
from cs826tl.grading.serving import DEFINITIONS, EVERYTHING
from cs826tl.grading.variants import generator

ATTEMPTS = 3  # at starting a submission's process
LONGEST_TEXT = 20_000  # characters of a written answer that are kept


@dataclass(frozen=True)
class Mark:
    """The verdict on one question: points, status, and a reason that a student can act on."""

    question: str
    points: float
    max_points: float
    status: str  # graded, missing, timeout, crashed, tampered or needs-review
    reason: str
    written: str = ""  # the answer itself, where a person has to read it
    shape: str = ""  # what the answer's code looks like without its names, to compare


@dataclass(frozen=True)
class Marking:
    """What all submissions of an exercise share: variant, secret for hidden cases, time limit."""

    exercise: Exercise
    student: str
    variant: Variant
    secret: bytes
    timeout: float

    def cases(self, question: Question) -> list[tuple[Any, ...]]:
        """Return the hidden cases of this student, drawn under the secret of this grading."""
        rng: np.random.Generator = generator(
            self.secret, self.student, self.exercise.name, question.name
        )
        try:
            return [()] if isinstance(question, Value) else list(question.cases(rng, self.variant))  # type: ignore[union-attr]
        except Exception as problem:
            raise self._unsound(question, problem) from problem

    def require_sound(
        self, question: Question, arguments: tuple[Any, ...], problem: Exception
    ) -> None:
        """Raise `ValueError` if what failed on an answer fails on the rubric's own solution too."""
        try:
            right = question.solution(self.variant, *arguments)  # type: ignore[union-attr]
            question.judge(self.variant, arguments, right)  # type: ignore[union-attr]
        except Exception:
            raise self._unsound(question, problem) from problem

    def _unsound(self, question: Question, problem: Exception) -> ValueError:
        where = f"{self.exercise.path.with_suffix('.py')}, question {question.name!r}"
        return ValueError(f"{where}: the rubric itself fails: {type(problem).__name__}: {problem}")


def mark_submission(path: Path | None, marking: Marking, sandbox: Sandbox) -> list[Mark]:
    """Return a mark for every question, whatever the submission is or does."""
    questions = marking.exercise.rubric.questions
    if path is None:
        return [_mark(q, "missing", "nothing was handed in") for q in questions]
    try:
        cells = read_notebook(path)
    except Unreadable as problem:
        status = "tampered" if path.is_symlink() or not path.is_file() else "crashed"
        return [_mark(q, status, f"the notebook could not be read: {problem}") for q in questions]
    marks: dict[str, Mark] = {}
    care, attempts = EVERYTHING, 0
    while left := [q for q in questions if q.name not in marks]:
        sitting = _Sitting(cells, marking, sandbox, care)
        try:
            sitting.run(left, marks)
        except (TookTooLong, Died, Refused) as problem:
            sandbox.give_up()
            attempts += 1
            if not sitting.located and attempts < ATTEMPTS:
                continue
            if sitting.asking:
                marks[sitting.asking.name] = _trouble(sitting.asking, problem)
            elif care == DEFINITIONS or not sitting.located:
                marks |= {q.name: _trouble(q, problem) for q in left if q.name not in marks}
            elif not sitting.ran:  # a cell that hangs or dies must not take the answers with it
                care += 1
    return [marks[q.name] for q in questions]


class _Sitting:
    """One fresh process in the sandbox, which runs the notebook and is put the questions."""

    def __init__(
        self, cells: Sequence[Cell], marking: Marking, sandbox: Sandbox, care: int
    ) -> None:
        self._cells, self._marking, self._sandbox = cells, marking, sandbox
        self._care = care
        self.asking: Question | None = None
        self.located = self.ran = False

    def run(self, questions: Sequence[Question], marks: dict[str, Mark]) -> None:
        """Add to `marks` as the answers come."""
        self._sandbox.begin()
        exercise, timeout = self._marking.exercise, self._marking.timeout
        asked = [
            {"name": q.name, "written": isinstance(q, Text), "given": exercise.given[q.name]}
            for q in questions
        ]
        cells = [vars(cell) for cell in self._cells]
        how = {"care": self._care, "seconds": timeout}
        self._sandbox.send({"cells": cells, "questions": asked, **how})
        found = self._sandbox.receive(timeout)
        self.located = True  # up to here none of the student's code has run
        code = []
        for question in questions:
            settled = _settled(question, found[question.name])
            if settled is None:
                code.append(question)
            else:
                marks[question.name] = settled
        if code:
            self.ran = self._sandbox.receive(timeout) == "ran"
            for question in code:
                self.asking = question
                marks[question.name] = self._ask(question, found[question.name])
            self.asking = None
            self._sandbox.finish()
        else:
            self._sandbox.give_up()  # nothing to ask: do not wait for its cells

    def _ask(self, question: Question, found: dict[str, Any]) -> Mark:
        end = time.monotonic() + self._marking.timeout
        for arguments in self._marking.cases(question):
            call = {"name": found["name"], "arguments": list(arguments)}
            if isinstance(question, Value):
                call["arguments"] = None
            self._sandbox.send(call)
            reply = self._sandbox.receive(end - time.monotonic())
            wrong = self._judge(question, arguments, reply)
            if wrong:
                status = "missing" if wrong in (_UNANSWERED, _ABSENT) else "graded"
                return _mark(question, status, f"{wrong}. Hint: {question.hint}", found)
        return _mark(question, "graded", "right in every case", found, question.points)

    def _judge(self, question: Question, arguments: tuple[Any, ...], reply: Any) -> str:
        match reply:
            case {"value": None} if isinstance(question, Value):
                return _UNANSWERED
            case {"value": value, **rest} if not rest:
                wrong = self._difference(question, arguments, value)
                return wrong and f"wrong answer: it is {wrong}"
            case {"absent": True, **rest} if not rest:
                return _ABSENT
            case {"raised": "NotImplementedError", **rest} if not rest:
                return _UNANSWERED
            case {"raised": str() as kind, **rest} if not rest:
                return f"it raised {kind if kind in _KNOWN else 'an exception of its own'}"
        raise Refused("a reply that is none")

    def _difference(self, question: Question, arguments: tuple[Any, ...], value: Any) -> str:
        try:
            return question.judge(self._marking.variant, arguments, value)  # type: ignore[union-attr]
        except Exception as problem:  # the rubric expects a certain form, or is itself wrong
            self._marking.require_sound(question, arguments, problem)
            return "something of another form than was asked for"


_UNANSWERED = "not answered"
_ABSENT = "its cell did not get as far as to define it"
_KNOWN = {name for name, kind in vars(__import__("builtins")).items() if isinstance(kind, type)}


def _settled(question: Question, found: dict[str, Any]) -> Mark | None:
    """Return the mark of a question that needs no running, or None."""
    if found["rivals"]:
        reason = "there are several answers that differ: keep the one that counts"
        return _mark(question, "needs-review", reason, found)
    if isinstance(question, Text):
        status = "needs-review" if found["text"] else "missing"
        reason = "to be marked by hand" if found["text"] else f"{_UNANSWERED}. {question.hint}"
        return _mark(question, status, reason, found)
    if not found["name"]:
        return _mark(question, "missing", f"there is no `{question.name}` in the notebook")
    return None


def _trouble(question: Question, problem: Exception) -> Mark:
    if isinstance(problem, TookTooLong):
        return _mark(question, "timeout", "it took too long: look for a loop that does not end")
    if isinstance(problem, Refused):
        return _mark(question, "tampered", "its process sent what no answer is")
    return _mark(question, "crashed", "its process ended before it answered")


def _mark(
    question: Question,
    status: str,
    reason: str,
    found: dict[str, Any] | None = None,
    points: float = 0.0,
) -> Mark:
    written = str((found or {}).get("text", ""))[:LONGEST_TEXT]
    shape = str((found or {}).get("shape", ""))[:80]
    return Mark(question.name, points, question.points, status, reason, written, shape)
