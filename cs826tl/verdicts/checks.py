"""One prediction of a claim: what was measured, held to a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import numpy as np
from scipy import stats

LEVEL = 0.95  # of every interval


class Outcome(StrEnum):
    """Where the interval of a check lies: on the good side of its bar, the bad side, or across."""

    TRUE = "✓"
    FALSE = "✗"
    OPEN = "?"


@dataclass(frozen=True)
class Check:
    """One prediction of a claim: a sentence, the measured values, and the bar they are held to.

    `values` holds one number per seed; if two ways are compared, the differences *by seed*, so
    that what the seeds share cancels. Shown are the mean and the 95 % interval of Student's t. The
    outcome is ✓ when the whole interval meets the bar, ✗ when none of it does, and ? when the
    interval crosses the bar: then this many seeds cannot tell. A single number has no interval
    unless you give one (`interval`, say of a share). Avoids the one-sided test of equality:
    `within=0.05` asks that the whole interval lies between −0.05 and 0.05.

    Exactly one bar: `at_least`, `at_most`, `within` or `equals`. `how` says whether the number was
    measured here, counted, or looked up in a publication. `unit` and `digits` say how it is shown.
    `words` is the sentence that a card repeats, with the number at `{}`.

    Raises `ValueError` for no values, for values that are not finite, for no bar or two, or for
    words without one `{}`.

    >>> Check("the new way is ahead by 5 points or more", [0.08, 0.10, 0.09], at_least=0.05)
    ✓ the new way is ahead by 5 points or more: 0.09 [0.07, 0.11]; bar ≥ 0.05
    """

    sentence: str
    values: float | Sequence[float]
    at_least: float | None = None
    at_most: float | None = None
    within: float | None = None
    equals: float | None = None
    how: Literal["measured", "counted", "looked up"] = "measured"
    interval: tuple[float, float] | None = None
    unit: str = ""
    digits: int = 2
    words: str = ""

    def __post_init__(self) -> None:
        bars = (self.at_least, self.at_most, self.within, self.equals)
        if sum(bar is not None for bar in bars) != 1:
            raise ValueError("give exactly one bar: at_least=, at_most=, within= or equals=")
        if not self._numbers.size or not np.isfinite(self._numbers).all():
            raise ValueError(f"{self.sentence!r} needs finite values; got {self.values}")
        if self.words and self.words.count("{}") != 1:
            raise ValueError(f"words need {{}} once, where the number goes; got {self.words!r}")
        if self.interval is None:
            object.__setattr__(self, "interval", _t_interval(self._numbers))

    @property
    def _numbers(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.atleast_1d(np.asarray(self.values, dtype=float)).ravel()

    @property
    def seeds(self) -> int:
        """How many values were measured: one per seed."""
        return len(self._numbers)

    @property
    def value(self) -> float:
        """The mean of the values."""
        return float(self._numbers.mean())

    @property
    def outcome(self) -> Outcome:
        """✓, ✗ or ?, as the class describes."""
        assert self.interval is not None
        low, high = self.interval
        _, worst, best = self._bar
        if worst <= low and high <= best:
            return Outcome.TRUE
        return Outcome.FALSE if high < worst or low > best else Outcome.OPEN

    @property
    def found(self) -> str:
        """The value and its interval beside the bar, in words."""
        assert self.interval is not None
        low, high = self.interval
        between = f" [{self._shown(low)}, {self._shown(high)}]" if low < high else ""
        unit = f" {self.unit}" if self.unit else ""
        bar, _, _ = self._bar
        return f"{self._shown(self.value)}{between}{unit}; bar {bar}{unit}"

    @property
    def in_words(self) -> str:
        """The words with the number and its interval, as a card says them; empty without words.

        >>> Check("", [11, 13], at_least=0, unit="points", digits=0, words="{} ahead").in_words
        '12 points (−1 to 25) ahead'
        >>> Check("", [1, 1], at_least=0, unit="points", digits=0, words="{} ahead").in_words
        '1 point ahead'
        """
        assert self.interval is not None
        low, high = map(self._shown, self.interval)
        between = f" ({low} to {high})" if low != high else ""
        value = self._shown(self.value)
        unit = self.unit.removesuffix("s") if value.lstrip("−") == "1" else self.unit
        return self.words.replace("{}", f"{value} {unit}".rstrip() + between)

    @property
    def _bar(self) -> tuple[str, float, float]:
        """The bar in words, and the lowest and the highest value that meet it."""
        if self.at_least is not None:
            return f"≥ {self._shown(self.at_least)}", self.at_least, np.inf
        if self.at_most is not None:
            return f"≤ {self._shown(self.at_most)}", -np.inf, self.at_most
        if self.within is not None:
            return f"± {self._shown(self.within)}", -self.within, self.within
        assert self.equals is not None
        return f"= {self._shown(self.equals)}", self.equals, self.equals

    def _shown(self, number: float) -> str:
        whole = self.how != "measured" and (self._numbers == self._numbers.round()).all()
        return f"{number:,.{0 if whole else self.digits}f}".replace("-", "−")

    def __repr__(self) -> str:
        how = "" if self.how == "measured" else f" ({self.how})"
        return f"{self.outcome} {self.sentence}{how}: {self.found}"


def _t_interval(numbers: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float]:
    mean = float(numbers.mean())
    if len(numbers) == 1:
        return mean, mean
    reach = float(stats.sem(numbers) * stats.t.ppf((1 + LEVEL) / 2, len(numbers) - 1))
    return mean - reach, mean + reach
