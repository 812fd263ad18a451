"""A picture drawn off screen, for a widget: its pixels, and where on it a point lies."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure

DPI = 144  # a browser shows 100 dots per inch; more, for screens with finer ones
STAND_IN_DPI = 80

Draw: TypeAlias = Callable[[Axes], object]
Place: TypeAlias = tuple[float, float]  # fractions of the picture: from the left, from the top


class Drawing:
    """What `draw` puts on empty axes of a new figure of `size` inches.

    >>> drawing = Drawing(lambda ax: ax.set(xlim=(0, 1), ylim=(0, 1)), (4, 3))
    >>> left, _ = drawing.place(0.2, 0.5)
    >>> right, _ = drawing.place(0.8, 0.5)
    >>> left < 0.5 < right
    True
    """

    def __init__(self, draw: Draw, size: tuple[float, float]) -> None:
        self.figure = Figure(figsize=size, dpi=DPI, layout="constrained")
        self.axes = self.figure.add_subplot()
        draw(self.axes)

    def png(self, dpi: int = DPI) -> bytes:
        """Return the picture's PNG file; this also lays the figure out."""
        stream = io.BytesIO()
        # little compression: more would take longer than sending a few kilobytes more
        self.figure.savefig(stream, format="png", dpi=dpi, pil_kwargs={"compress_level": 1})
        return stream.getvalue()

    def place(self, x: float, y: float) -> Place:
        """Return where on the picture the axes have the point (x, y)."""
        across, up = self.axes.transData.transform((x, y))
        width, height = self.figure.bbox.size
        return float(across / width), float(1 - up / height)

    def point(self, place: Place) -> tuple[float, float]:
        """Return the point (x, y) of the axes at a place on the picture."""
        width, height = self.figure.bbox.size
        pixel = (place[0] * width, (1 - place[1]) * height)
        x, y = self.axes.transData.inverted().transform(pixel)
        return float(x), float(y)
