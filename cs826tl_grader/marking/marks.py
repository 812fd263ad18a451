"""A mark, and what it takes to come to one: an exercise, a student's variant, hidden cases."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from cs826tl_grader.exercise.checks import shortened
from cs826tl_grader.exercise.rubric import Question, Variant
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.exercise.variants import generator
from cs826tl_grader.sandbox.bounds import in_bounds

LONGEST_TEXT = 20_000  # characters of a written answer that are kept
LONGEST_CODE = 4_000  # and of code


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
    code: str = ""  # the answer's code, as it was written
    example: str = ""  # the first public example that was not answered right either
    predicted: str = ""  # a prediction, as a receipt says it
    talk: str = ""  # a question on what the answer reached when it ran, for an examiner
    talk_answer: str = ""
    denied: str = ""  # what its sandbox denied or ended; no mark depends on it
    failure: str = ""  # what failed in the grader itself, for the lecturer only


@dataclass(frozen=True)
class Marking:
    """What a submission is marked by: exercise, variant, secret for hidden cases, time limit.

    With the `key` of the course, predictions count only with their receipts: `opened` says what a
    notebook's receipts are worth. Without it they count as they are.
    """

    exercise: Exercise
    student: str
    variant: Variant
    secret: bytes
    timeout: float
    key: bytes | None = None

    def cases(self, question: Question) -> list[tuple[Any, ...]]:
        """Return the hidden cases of this submission, drawn under its secret."""
        words = (self.student, self.exercise.name, question.name)
        return list(question.cases(generator(self.secret, *words), self.variant))

    def in_words(self, question: Question, example: tuple[Any, ...]) -> str:
        """Return a public example and what is right there."""
        arguments = ", ".join(shortened(argument) for argument in example)
        right = question.solution(self.variant, *example)
        return f"{question.name}({arguments}) should return {shortened(right)}"

    def difference(self, question: Question, arguments: tuple[Any, ...], got: Any) -> str:
        """Return "" for a right answer, or what is wrong with it.

        A rubric may fail on an answer of another form than it expects. If it fails on its own
        solution too, it is the rubric that is wrong, and what it raises is raised.
        """
        judge = partial(question.judge, self.variant, arguments, got)
        try:  # a check of the rubric's own may build a network of what came back
            return str(in_bounds(judge)) if question.check else judge()
        except Exception:
            question.judge(self.variant, arguments, question.solution(self.variant, *arguments))
            return "something of another form than was asked for"

    def talk(self, question: Question, arguments: tuple[Any, ...], got: Any) -> tuple[str, str]:
        """Return what an examiner can ask about an answer's numbers, with the answer, or "" twice.

        No mark depends on it, so neither does it on whether this fails.
        """
        if question.talk is None:
            return "", ""
        try:
            asked, answer = in_bounds(partial(question.talk, self.variant, arguments, got))
            return str(asked), str(answer)
        except Exception:
            return "", ""


def mark(
    question: Question,
    status: str,
    reason: str,
    found: dict[str, Any] | None = None,
    points: float = 0.0,
) -> Mark:
    """Return a mark for a question; `found` says where its answer stands."""
    written = str((found or {}).get("text", ""))[:LONGEST_TEXT]
    shape = str((found or {}).get("shape", ""))[:80]
    code = str((found or {}).get("code", ""))[:LONGEST_CODE]
    written = written or (code if status == "needs-review" else "")
    reason = with_note(reason, str((found or {}).get("note", ""))[:400])
    return Mark(question.name, points, question.points, status, reason, written, shape, code)


def unjudged(question: Question, problem: Exception, found: dict[str, Any] | None = None) -> Mark:
    """Return the mark of a question for which the grader itself failed: no fault of the student's.

    What was raised may tell a hidden case, so the student does not see it.
    """
    places = traceback.extract_tb(problem.__traceback__)[-1:]
    where = "".join(f"{Path(place.filename).name}, line {place.lineno}: " for place in places)
    said = "it could not be graded: your lecturer will look at it"
    made = mark(question, "needs-review", said, found)
    return replace(made, failure=f"{where}{type(problem).__name__}: {problem}"[:LONGEST_CODE])


def with_note(reason: str, note: str) -> str:
    """Return a reason with what else the student should know, if anything."""
    return f"{reason} ({note})" if note else reason
