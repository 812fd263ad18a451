"""What an explorer is made of: controls to set, and what there is to see. Plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

from cs826tl._errors import unknown
from cs826tl.plots import Draw


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


@dataclass(frozen=True)
class Table:
    """A table to show; the first cell of each row is its heading."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Handle:
    """A point to drag on the picture; `x` and `y` name the `Number` controls of its coordinates.

    The pitfall: if `draw` leaves the axes' limits to matplotlib, they move under the pointer.
    """

    label: str
    x: str
    y: str


@dataclass(frozen=True)
class View:
    """What there is to see: a sentence on the current state, a picture, tables.

    `draw` gets empty axes of a new figure of `size` inches; use a function of `cs826tl.plots`.
    `alt` says what the picture shows. A stored notebook keeps it, so it leaves out digits that
    another machine would change.
    """

    status: str
    tables: tuple[Table, ...] = ()
    draw: Draw | None = None
    size: tuple[float, float] = (7, 3.6)
    alt: str = ""
    handles: tuple[Handle, ...] = ()

    def __post_init__(self) -> None:
        if self.draw is not None and not self.alt:
            raise ValueError("a view that draws needs alt: say what the picture shows")
        if self.handles and self.draw is None:
            raise ValueError("a view with handles needs draw: they lie on its picture")


@dataclass(frozen=True)
class Progress:
    """How far the work has come: a fraction of 1, and what is being done."""

    fraction: float
    label: str


class Controller(Protocol):
    """What an `Explorer` shows and sets, without a browser."""

    @property
    def title(self) -> str:
        """What is explored; also the explorer's name for screen readers."""

    @property
    def help(self) -> str:
        """One sentence on what to do."""

    def controls(self) -> tuple[Control, ...]:
        """Return the controls with their current values; they may change with the state."""

    def set(self, name: str, value: Any) -> None:
        """Take over a control's new value."""

    def view(self) -> View:
        """Return what there is to see now, within 100 ms."""


@runtime_checkable
class WorkingController(Controller, Protocol):
    """A controller with `Press` controls."""

    def press(self, name: str) -> Iterator[Progress]:
        """Work piece by piece; the learner may stop it between two pieces."""
