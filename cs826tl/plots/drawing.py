"""A picture drawn off screen, for a widget."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure

DPI = 144  # a browser shows 100 dots per inch; more, for screens with finer ones
STAND_IN_DPI = 80

Draw: TypeAlias = Callable[[Axes], object]


class Drawing:
    """What `draw` puts on empty axes of a new figure of `size` inches.

    >>> Drawing(lambda ax: ax.plot([0, 1]), (4, 3)).png()[1:4]
    b'PNG'
    """

    def __init__(self, draw: Draw, size: tuple[float, float]) -> None:
        self.figure = Figure(figsize=size, dpi=DPI, layout="constrained")
        draw(self.figure.add_subplot())

    def png(self, dpi: int = DPI) -> bytes:
        """Return the picture's PNG file."""
        stream = io.BytesIO()
        # little compression: more would take longer than sending a few kilobytes more
        self.figure.savefig(stream, format="png", dpi=dpi, pil_kwargs={"compress_level": 1})
        return stream.getvalue()
