"""A mark, and what it takes to come to one: an exercise, a student's variant, hidden cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cs826tl_grader.exercise.checks import shortened
from cs826tl_grader.exercise.rubric import Prediction, Question, Value, Variant
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.exercise.variants import generator

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
        rng: np.random.Generator = generator(
            self.secret, self.student, self.exercise.name, question.name
        )
        try:
            if isinstance(question, Value | Prediction):
                return [()]
            return list(question.cases(rng, self.variant))  # type: ignore[union-attr]
        except Exception as problem:
            raise self.unsound(question, problem) from problem

    def examples(self, question: Question) -> Sequence[tuple[Any, ...]]:
        """Return the public examples of a question that have one right answer."""
        return () if getattr(question, "check", None) else getattr(question, "examples", ())

    def in_words(self, question: Question, example: tuple[Any, ...]) -> str:
        """Return a public example and what is right there."""
        arguments = ", ".join(shortened(argument) for argument in example)
        right = question.solution(self.variant, *example)  # type: ignore[union-attr]
        return f"{question.name}({arguments}) should return {shortened(right)}"

    def talk(
        self, question: Question, arguments: tuple[Any, ...], got: Any, right: bool
    ) -> tuple[str, str]:
        """Return what an examiner can ask about an answer's numbers, with the answer, or "" twice.

        Raises `ValueError` if the rubric fails on an answer that it takes for right.
        """
        ask = getattr(question, "talk", None)
        if ask is None:
            return "", ""
        try:
            asked: tuple[str, str] = ask(self.variant, arguments, got)
        except Exception as problem:
            if right:
                raise self.unsound(question, problem) from problem
            return "", ""
        return asked

    def require_sound(
        self, question: Question, arguments: tuple[Any, ...], problem: Exception
    ) -> None:
        """Raise `ValueError` if what failed on an answer fails on the rubric's own solution too."""
        try:
            right = question.solution(self.variant, *arguments)  # type: ignore[union-attr]
            question.judge(self.variant, arguments, right)  # type: ignore[union-attr]
        except Exception:
            raise self.unsound(question, problem) from problem

    def unsound(self, question: Question, problem: Exception) -> ValueError:
        """Return an error that names the rubric's question which fails by itself."""
        where = f"{self.exercise.path.with_suffix('.py')}, question {question.name!r}"
        return ValueError(f"{where}: the rubric itself fails: {type(problem).__name__}: {problem}")


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


def with_note(reason: str, note: str) -> str:
    """Return a reason with what else the student should know, if anything."""
    return f"{reason} ({note})" if note else reason
