"""What an explorer shows, as plain data: a sentence, a picture with points to drag, tables."""

from __future__ import annotations

from dataclasses import dataclass

from cs826tl.plots import Draw


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
