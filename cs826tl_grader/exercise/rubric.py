"""A rubric: the questions of one exercise, what they are worth, and how an answer is judged.

A rubric is a Python file beside its exercise. It holds `QUESTIONS` and, if each student gets a
different copy, `draw_variant(rng)`, which returns the constants of one copy. If it asks for
predictions, `draw_run(rng, variant)` returns the constants that only stage two has.
"""

from __future__ import annotations

import math
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from cs826tl_grader.plain.comparison import difference

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


class Question:
    """A named thing in an exercise: how it is put to an answer, and how the answer is judged.

    Its answer is a value, unless a kind of question says otherwise.
    """

    name: str
    points: float
    hint: str
    cases: Cases
    solution: Callable[..., Any]
    tolerance: float
    called = False  # its answer is a function, which is called with the arguments of each case
    written = False  # its answer is a text, which a person reads
    examples: Sequence[tuple[Any, ...]] = ()
    check: Callable[[Variant, tuple[Any, ...], Any], str] | None = None
    as_set: bool = False
    talk: Callable[[Variant, tuple[Any, ...], Any], tuple[str, str]] | None = None

    def judge(self, variant: Variant, arguments: tuple[Any, ...], got: Any) -> str:
        """Return "" for a right answer, or what is wrong with it."""
        if self.check is not None:
            return self.check(variant, arguments, got)
        return difference(got, self.solution(variant, *arguments), self.tolerance)


def _once(_: Question, __: np.random.Generator, ___: Variant) -> Iterable[tuple[Any, ...]]:
    return [()]


@dataclass(frozen=True)
class Function(Question):
    """A function that the student completes; it is called on hidden cases drawn while grading.

    `solution(variant, *arguments)` is the reference. `examples` are public arguments. Where many
    answers are right, `check(variant, arguments, got)` judges instead: it returns "", or what is
    wrong in words that give nothing away; `arguments` are the `Case` that `cases` drew. `as_set`
    says that the answer is a set which a list puts in order, so that a Python set counts too.
    `hint` is for students who fail. `talk(variant, arguments, got)` measures an answer and returns
    a question on the numbers with its answer, for an examiner; it raises where a form is wrong.
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
    talk: Callable[[Variant, tuple[Any, ...], Any], tuple[str, str]] | None = None
    called = True


@dataclass(frozen=True)
class Value(Question):
    """A name to which the student gives a value, such as a prediction of what a cell prints."""

    name: str
    points: float
    hint: str
    solution: Callable[[Variant], Any]
    tolerance: float = 1e-5
    cases = _once


@dataclass(frozen=True)
class Prediction(Question):
    """A number to which the student commits before there is a run to look at.

    `outcome(variant)` is what the run shows. Without a `band` the answer is the probability that it
    comes out true, and earns 1 - (p - outcome)² of the points, 1 less its Brier score: on average
    most for whoever writes what they believe. With a band it is a number, right within the band.

    >>> falls = Prediction("falls", 2, "From 0 to 1.", lambda variant: True)
    >>> [round(falls.share({}, p), 2) for p in (1, 0.7, 0.5, 0)]
    [1.0, 0.91, 0.75, 0.0]
    """

    name: str
    points: float
    hint: str
    outcome: Callable[[Variant], bool | float]
    band: float | None = None
    cases = _once

    def judge(self, variant: Variant, arguments: tuple[Any, ...], got: Any) -> str:
        """Return "" for an answer that can be scored, or what is wrong with it."""
        return unfit(got, self.band is None)

    def share(self, variant: Variant, got: Any) -> float:
        """Return the share of the points, from 0 to 1."""
        off = as_number(got) - float(self.outcome(variant))
        return 1 - off**2 if self.band is None else float(abs(off) <= self.band)

    def explained(self, variant: Variant, got: Any) -> str:
        """Return in words how the share comes about."""
        number, outcome = as_number(got), self.outcome(variant)
        if self.band is not None:
            inside = "inside" if self.share(variant, got) else "outside"
            return f"you said {number:g}, the run says {float(outcome):g}: {inside} ±{self.band:g}"
        happened = "happened" if outcome else "did not happen"
        rule = f"1 - ({number:g} - {int(outcome)})² = {self.share(variant, got):.2f}"
        return f"it {happened}, you gave it {number:g}: {rule} of the points"


def as_number(got: Any) -> float:
    """Return the one number that an answer is, or NaN for anything else, `True` included.

    >>> as_number(7), as_number(np.array([0.5])), as_number("0.5"), as_number(True)
    (7.0, 0.5, nan, nan)
    """
    try:
        array = np.asarray(got)
    except (ValueError, TypeError, RuntimeError):
        return math.nan
    return float(array.reshape(())) if array.size == 1 and array.dtype.kind in "iuf" else math.nan


def unfit(got: Any, probability: bool) -> str:
    """Return "" for a number that can be a prediction, or what is wrong with it."""
    number = as_number(got)
    if not math.isfinite(number):
        return "not a number"
    return "not a probability, from 0 to 1" if probability and not 0 <= number <= 1 else ""


@dataclass(frozen=True)
class Text(Question):
    """A written answer, marked by hand against `criteria`."""

    name: str
    points: float
    criteria: Sequence[str]
    written = True
    hint: str = "Write a few sentences in the cell that is marked for it."


@dataclass(frozen=True)
class Rubric:
    """The questions of the exercise `name`, and what draws a student's variant.

    `draw_variant` draws what a student has from the start, `draw_run` what comes with stage two.
    """

    name: str
    questions: tuple[Question, ...]
    draw_variant: Callable[[np.random.Generator], Variant] = field(
        default=lambda _: MappingProxyType({})
    )
    draw_run: Callable[[np.random.Generator, Variant], Variant] = field(
        default=lambda _, __: MappingProxyType({})
    )

    def __getitem__(self, name: str) -> Question:
        for question in self.questions:
            if question.name == name:
                return question
        raise KeyError(f"{self.name} has no question {name!r}; it has {self.names}")

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """The questions that are answered before the run."""
        return tuple(q for q in self.questions if isinstance(q, Prediction))

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
    draws = {n: getattr(module, n) for n in ("draw_variant", "draw_run") if hasattr(module, n)}
    return Rubric(path.stem, questions, **draws)


__all__ = [
    "Case", "Function", "Prediction", "Question", "Rubric", "Text", "Value", "Variant", "as_number",
    "load_rubric", "read_rubric", "unfit",
]  # fmt: skip
