"""The questions of a quiz, and how an answer is judged; `quiz_files` reads them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Judgement:
    """Whether an answer is right, and what there is to say to it."""

    right: bool
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Option:
    """One of the answers to choose from; `why` is said to a learner who has chosen it."""

    text: str
    right: bool
    why: str


@dataclass(frozen=True)
class ChoiceQuestion:
    """A question with `one` right option, or `several`."""

    kind: Literal["one", "several"]
    ask: str
    options: tuple[Option, ...]

    def judge(self, chosen: Sequence[int]) -> Judgement:
        """Judge the options with these numbers; the remarks never tell of one not chosen.

        Raises `ValueError` if nothing was chosen.

        >>> options = Option("yes", True, "It does."), Option("no", False, "Look again.")
        >>> ChoiceQuestion("one", "Does it?", options).judge([1])
        Judgement(right=False, remarks=('Look again.',))
        """
        if not chosen:
            raise ValueError("Choose first, then check.")
        taken = [self.options[k] for k in sorted(chosen)]
        if self.kind == "one":
            return Judgement(taken[0].right, (taken[0].why,))
        remarks = [f"{'✓' if o.right else '✗'} {o.text}: {o.why}" for o in taken]
        wanted = sum(option.right for option in self.options)
        if all(option.right for option in taken) and len(taken) < wanted:
            remarks.append("What you have chosen is right, but there is more.")
        return Judgement(len(taken) == wanted and all(o.right for o in taken), tuple(remarks))


@dataclass(frozen=True)
class NumberQuestion:
    """A question for a number; what is at most `within` away from the answer is right."""

    ask: str
    answer: float
    within: float
    why: str
    hint: str
    kind: Literal["number"] = "number"

    def judge(self, given: str) -> Judgement:
        """Judge what was typed. Raises `ValueError` for what is not a number.

        >>> NumberQuestion("1 + 1?", 2, 0, "Counted.", "Use your fingers.").judge("2.0").right
        True
        """
        number = read_number(given)
        right = abs(number - self.answer) <= self.within
        return Judgement(right, (self.why if right else self.hint,))


Question = ChoiceQuestion | NumberQuestion


def read_number(given: object) -> float:
    """Return what was typed as a number; raises `ValueError` if it is none.

    >>> read_number(" 0.25 ")
    0.25
    """
    try:
        number = float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("Type a number, such as 12 or 0.5.")
    return number
