"""What all widgets share: their front end's common part, a stand-in, work in the background."""

from __future__ import annotations

import asyncio
import base64
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anywidget
from matplotlib.figure import Figure

BREATHING = 0.1  # seconds of work between two looks at the browser's messages
STAND_IN_DPI = 80


def front_end(module: str, name: str) -> str:
    """Return a script or style sheet beside a module, after the part that all widgets share.

    `module` is the `__file__` of the widget's own module.

    >>> front_end(__file__, "explorer.js").startswith("// What all widgets share")
    True
    """
    own = Path(module).with_name(name)
    common = Path(__file__).with_name("common" + own.suffix)
    return f"{common.read_text(encoding='utf-8')}\n{own.read_text(encoding='utf-8')}"


def picture_address(figure: Figure, dpi: int) -> str:
    """Return the figure as a PNG in a `data:` address, for the `src` of an `<img>`."""
    stream = io.BytesIO()
    # little compression: it would take longer than sending a few kilobytes more
    figure.savefig(stream, format="png", dpi=dpi, pil_kwargs={"compress_level": 1})
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"


class CourseWidget(anywidget.AnyWidget):
    """A widget with a stand-in for where none can run, which can work in the background.

    A subclass sets `_esm` and `_css` with `front_end`, says what it is in `name`, and gives its
    `stand_in`; to work in the background it calls `work`, and shows how it stands in `show`.
    """

    _ipython_display_ = None  # ipywidgets 7 would display through it, and leave out the stand-in
    _working: asyncio.Task[None] | None = None  # asyncio itself holds it only weakly

    @property
    def name(self) -> str:
        """What this widget is called where it cannot be shown; always the same words."""
        raise NotImplementedError

    def stand_in(self) -> str:
        """Return the HTML that a stored notebook keeps, without digits that may vary."""
        raise NotImplementedError

    def show(self) -> None:
        """Bring what the browser draws up to date."""
        raise NotImplementedError

    def work(self, steps: Iterator[object]) -> None:
        """Go through the steps: in a notebook in the background, without an event loop at once.

        While they go on, further ones are ignored. The steps catch what may go wrong in them:
        nobody would see an exception raised in the background.
        """
        if self._working is not None and not self._working.done():
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            for _ in steps:
                pass
            self.show()
        else:
            self._working = loop.create_task(self._work(steps))

    async def _work(self, steps: Iterator[object]) -> None:
        looked = 0.0
        for _ in steps:
            if time.monotonic() - looked > BREATHING:
                self.show()
                await asyncio.sleep(0.002)  # lets the kernel take messages, a press on Stop too
                looked = time.monotonic()
        self.show()

    def __repr__(self) -> str:
        return f"{self.name}: run this cell to use it"

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the live widget and, for where none can run, its stand-in."""
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**data, "text/html": self.stand_in()}, metadata
