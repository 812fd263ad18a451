"""A rubric: the questions of one exercise, what they are worth, and how an answer is judged.

A rubric is a Python file beside its exercise. It holds `QUESTIONS` and, if each student gets a
different copy, `draw_variant(rng)`, which returns the constants of one copy.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from cs826tl.grading.plain.comparison import difference

Variant = Mapping[str, Any]
Cases = Callable[[np.random.Generator, Variant], Iterable[tuple[Any, ...]]]


class Case(tuple[Any, ...]):
    """The arguments of a hidden case and, beside them, the truth that only the grader has.

    The truth must not follow from the arguments: what is drawn under a seed made of them, or found
    again in public data, can be looked up.

    >>> case = Case((1, 2), truth=3)
    >>> case, case.truth
    ((1, 2), 3)
    """

    truth: Any

    def __new__(cls, arguments: Iterable[Any], truth: Any) -> Case:
        """Keep the truth as an attribute: `list(case)` is what the student's side gets."""
        case = super().__new__(cls, arguments)
        case.truth = truth
        return case


@dataclass(frozen=True)
class Function:
    """A function that the student completes; it is called on hidden cases drawn while grading.

    `solution(variant, *arguments)` is the reference. `examples` are public arguments. Where many
    answers are right, `check(variant, arguments, got)` judges instead: it returns "", or what is
    wrong in words that give nothing away; `arguments` are the `Case` that `cases` drew. `as_set`
    says that the answer is a set which a list puts in order, so that a Python set counts too.
    `hint` is for students who fail.
    """

    name: str
    points: float
    hint: str
    solution: Callable[..., Any]
    cases: Cases
    examples: Sequence[tuple[Any, ...]] = ()
    check: Callable[[Variant, tuple[Any, ...], Any], str] | None = None
    tolerance: float = 1e-5
    as_set: bool = False

    def judge(self, variant: Variant, arguments: tuple[Any, ...], got: Any) -> str:
        """Return "" for a right answer, or what is wrong with it."""
        if self.check is not None:
            return self.check(variant, arguments, got)
        return difference(got, self.solution(variant, *arguments), self.tolerance)


@dataclass(frozen=True)
class Value:
    """A name to which the student gives a value, such as a prediction of what a cell prints."""

    name: str
    points: float
    hint: str
    solution: Callable[[Variant], Any]
    tolerance: float = 1e-5

    def judge(self, variant: Variant, arguments: tuple[Any, ...], got: Any) -> str:
        """Return "" for the right value, or what is wrong with it."""
        return difference(got, self.solution(variant), self.tolerance)


@dataclass(frozen=True)
class Text:
    """A written answer, marked by hand against `criteria`."""

    name: str
    points: float
    criteria: Sequence[str]
    hint: str = "Write a few sentences in the cell that is marked for it."


Question = Function | Value | Text


@dataclass(frozen=True)
class Rubric:
    """The questions of the exercise `name`, and what draws a student's variant."""

    name: str
    questions: tuple[Question, ...]
    draw_variant: Callable[[np.random.Generator], Variant] = field(
        default=lambda _: MappingProxyType({})
    )

    def __getitem__(self, name: str) -> Question:
        for question in self.questions:
            if question.name == name:
                return question
        raise KeyError(f"{self.name} has no question {name!r}; it has {self.names}")

    @property
    def names(self) -> list[str]:
        """The names of all questions, in order."""
        return [question.name for question in self.questions]


def read_rubric(path: Path) -> bytes:
    """Return the code of a rubric's file; `ValueError` where there is none."""
    if not path.is_file():
        raise ValueError(f"{path}: there is no such rubric")
    return path.read_bytes()


def load_rubric(path: Path, code: bytes) -> Rubric:
    """Run a rubric's code, which is the lecturer's own, and return its questions.

    Avoids Python's import, whose bytecode cache takes a file for unchanged if it was edited within
    a second. Raises `ValueError` naming the file if the code fails, or if questions are missing or
    share a name.
    """
    module = types.ModuleType(f"rubric_{path.stem}")
    module.__file__ = str(path)
    try:
        exec(compile(code, path, "exec", dont_inherit=True), vars(module))
    except Exception as problem:
        raise ValueError(f"{path}: {type(problem).__name__}: {problem}") from problem
    questions = tuple(getattr(module, "QUESTIONS", ()))
    names = [question.name for question in questions]
    if not questions or len(set(names)) < len(names):
        raise ValueError(f"{path}: QUESTIONS must hold questions, each with a name of its own")
    draw = getattr(module, "draw_variant", None)
    return Rubric(path.stem, questions, draw) if draw else Rubric(path.stem, questions)


__all__ = [
    "Case", "Function", "Question", "Rubric", "Text", "Value", "Variant",
    "load_rubric", "read_rubric",
]  # fmt: skip
