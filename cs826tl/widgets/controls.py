"""The controls of an explorer, as plain data: what can be set, and to what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from cs826tl._errors import unknown


@dataclass(frozen=True)
class Choice:
    """One of several options: radio buttons for up to five of them, a drop-down list for more.

    Raises `ValueError` for a value that is not among the options.
    """

    name: str
    label: str
    options: tuple[str, ...]
    value: str

    def __post_init__(self) -> None:
        self.fitted(self.value)

    def fitted(self, value: Any) -> Any:
        """Return the value; `ValueError` if it is not among the options."""
        if value not in self.options:
            raise unknown(self.label, str(value), self.options)
        return value

    @property
    def range(self) -> str:
        """What it can be set to, in words."""
        return ", ".join(self.options)


@dataclass(frozen=True)
class Number:
    """A number from `low` to `high` in equal steps: a slider beside a field to type it in.

    Raises `ValueError` for an empty range, a step of zero or less, or a value outside.

    >>> Number("scale", "Scale", 0, 1, 0.1, 0.5).fitted(0.3333)
    0.3
    """

    name: str
    label: str
    low: float
    high: float
    step: float
    value: float

    def __post_init__(self) -> None:
        if not (self.low < self.high and self.step > 0 and self.low <= self.value <= self.high):
            raise ValueError(
                f"{self.label}: value={self.value}, low={self.low}, high={self.high}, "
                f"step={self.step}; low < high, low ≤ value ≤ high and a step above 0 are needed"
            )

    def fitted(self, value: Any) -> Any:
        """Return the nearest number that can be set; `ValueError` for what is not a number."""
        steps = round((float(str(value)) - self.low) / self.step)
        last = int((self.high - self.low) / self.step + 1e-9)
        near = self.low + self.step * min(max(steps, 0), last)
        return round(near, 10)  # 3 * 0.1 is 0.30000000000000004; whole numbers stay whole

    @property
    def range(self) -> str:
        """What it can be set to, in words."""
        return f"{self.low:g} to {self.high:g} in steps of {self.step:g}"


@dataclass(frozen=True)
class Words:
    """A line of text, taken over when the learner presses Enter or leaves the field."""

    name: str
    label: str
    value: str = ""
    placeholder: str = ""

    def fitted(self, value: Any) -> Any:
        """Return the text without the spaces around it."""
        return str(value).strip()

    @property
    def range(self) -> str:
        """What it can be set to, in words."""
        return "words of your own"


@dataclass(frozen=True)
class File:
    """A file from the learner's disk; the controller gets its bytes."""

    name: str
    label: str
    accept: str = "image/*"

    def fitted(self, value: Any) -> Any:
        """Return the file's bytes."""
        return value

    @property
    def range(self) -> str:
        """What it can be set to, in words."""
        return "a file of your own"


@dataclass(frozen=True)
class Press:
    """A button that starts longer work; beside it there are a progress bar and Stop."""

    name: str
    label: str

    def fitted(self, value: Any) -> Any:
        """Raise `ValueError`: a button is pressed, not set."""
        raise ValueError(f"{self.label} is a button, it cannot be set to {value!r}")

    @property
    def range(self) -> str:
        """What it can be set to, in words."""
        return "a button"


Control: TypeAlias = Choice | Number | Words | File | Press
