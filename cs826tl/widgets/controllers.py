"""What stands behind an explorer: controls in, a view out, and what of it a page records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, runtime_checkable

from cs826tl.plots.drawing import Draw
from cs826tl.widgets.controls import Choice, Control, File, Number, Press, Words

Settable: TypeAlias = Choice | Number | Words


@dataclass(frozen=True)
class Table:
    """A table to show; the first cell of each row is its heading."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def missions(met: Mapping[str, bool]) -> Table:
    """Return a table of missions, each with a mark once it is met."""
    rows = tuple((mission, "✓ met" if done else "open") for mission, done in met.items())
    return Table("Missions", ("mission", ""), rows)


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

    def __post_init__(self) -> None:
        if self.draw is not None and not self.alt:
            raise ValueError("a view that draws needs alt: say what the picture shows")


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


@dataclass(frozen=True)
class Worth:
    """The values of each control that a page offers; a controller gives it as `worth`.

    Of a control without `values` all options are recorded, of a number its lowest, highest and
    present value, of words the present ones. `related` says that a control may change another
    one, `walked` that there are places to go to which no control names. At most `most` states are
    recorded. `leave` names buttons that a page does without, because their work takes too long.

    >>> Worth({"scale": (0, 1)}).offered(Number("scale", "Scale", 0, 10, 1, 3))
    (0, 1)
    """

    values: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    related: bool = True
    walked: bool = False
    most: int = 1000
    leave: tuple[str, ...] = ()

    def offered(self, control: Settable) -> tuple[Any, ...]:
        """Return the values of a control that are recorded.

        >>> Worth().offered(Number("scale", "Scale", 0, 10, 1, 3))
        (0, 3, 10)
        """
        if control.name in self.values:
            return self.values[control.name]
        if isinstance(control, Choice):
            return control.options
        if isinstance(control, Number):
            return tuple(sorted({control.low, control.value, control.high}))
        return (control.value,)

    def settings(self, controls: tuple[Control, ...]) -> tuple[Settable, ...]:
        """Return the controls that a page can set: not buttons, and no files of one's own."""
        return tuple(c for c in controls if not isinstance(c, Press | File))
