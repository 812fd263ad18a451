"""What can be guessed: one of some choices, or a number in a range; and what is a surprise."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar

from cs826tl._errors import unknown
from cs826tl.widgets.prose import to_html
from cs826tl.widgets.questions import read_number

Value = str | float


@dataclass(frozen=True)
class Choices:
    """A guess is one of these texts; any other result is a surprise."""

    options: tuple[str, ...]
    same_in_every_run: ClassVar[bool] = True  # the result, so a stored notebook may hold it

    def __post_init__(self) -> None:
        if len(set(self.options)) < max(2, len(self.options)):
            raise ValueError(f"choices={self.options!r}: give two or more, no two alike")

    def read_guess(self, given: object) -> str:
        """Return the guess, if it is one of the choices, else raise `ValueError`."""
        if given is None:
            raise ValueError("Choose first, then commit.")
        return self.read_result(given)

    def read_result(self, given: object) -> str:
        """Return the result, if it is one of the choices, else raise `ValueError`."""
        if given not in self.options:
            raise unknown("choice", given, self.options)
        return str(given)

    def words(self, value: Value) -> str:
        """Return a guess or a result as it is shown."""
        return str(value)

    def surprised(self, guessed: Value, measured: Value, within: float | None) -> bool:
        """Say whether the result is another than the guess."""
        return guessed != measured

    def drawn(self) -> dict[str, Any]:
        """Return what the browser needs to offer the choices."""
        return {"options": [{"text": o, "html": to_html(o)} for o in self.options]}

    def stand_in(self) -> str:
        """Return the choices for where there is nothing to press."""
        items = (f"<li>{to_html(option, typeset=False)}</li>" for option in self.options)
        return f"<ul>{''.join(items)}</ul>"


@dataclass(frozen=True)
class Range:
    """A guess is a number from `low` to `high`; a result further off than `within` surprises."""

    low: float
    high: float
    step: float
    unit: str
    same_in_every_run: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not 0 < self.step <= self.high - self.low:
            raise ValueError(
                f"low={self.low}, high={self.high}, step={self.step}: "
                "give low below high, and a step between 0 and their difference"
            )

    @property
    def bounds(self) -> str:
        """The range in words."""
        return f"from {self.low:g} to {self.high:g} {self.unit}".rstrip()

    def read_guess(self, given: object) -> float:
        """Return the guess, if it is a number in the range, else raise `ValueError`."""
        number = read_number(given)
        if not self.low <= number <= self.high:
            raise ValueError(f"{number:g} is out of range: give a number {self.bounds}")
        return number

    def read_result(self, given: object) -> float:
        """Return the result, which may lie out of the range, if it is a number."""
        try:
            return read_number(given)
        except ValueError as problem:
            raise ValueError(f"measured={given!r}: give a number") from problem

    def words(self, value: Value) -> str:
        """Return a guess or a result as it is shown: to three digits, with its unit."""
        return f"{value:.3g} {self.unit}".rstrip()

    def surprised(self, guessed: Value, measured: Value, within: float | None) -> bool:
        """Say whether the result is further off than `within`, or (None) than one step."""
        allowed = self.step if within is None else within
        return abs(float(guessed) - float(measured)) > allowed + 1e-9  # 0.8 - 0.7 is above 0.1

    def drawn(self) -> dict[str, Any]:
        """Return what the browser needs to ask for a number."""
        numbers = {"low": self.low, "high": self.high, "step": self.step}
        return {"range": {**numbers, "note": self.bounds}}

    def stand_in(self) -> str:
        """Return the range for where there is nothing to type in."""
        return f"<p>A number {escape(self.bounds)}.</p>"
