"""What all widgets share: the common part of the front end, a stand-in, background work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anywidget

from cs826tl.plots.picture import Picture

BREATHING = 0.1  # seconds of work between two looks at the browser's messages


def front_end(module: str, name: str) -> str:
    """Return the part that all widgets share, then the script or style sheet beside a module.

    `module` is the `__file__` of the widget's own module.

    >>> front_end(__file__, "explorer.js").startswith("// What all widgets share")
    True
    """
    own = Path(module).with_name(name)
    common = Path(__file__).with_name("common" + own.suffix)
    return f"{common.read_text(encoding='utf-8')}\n{own.read_text(encoding='utf-8')}"


class CourseWidget(anywidget.AnyWidget):
    """A widget with a stand-in for places without a kernel, which can work in the background.

    A subclass sets `_esm` and `_css` with `front_end`, its name in `name`, and its `stand_in`. To
    work in the background it calls `work`, and updates what the browser draws in `show`.
    """

    _ipython_display_ = None  # ipywidgets 7 would display through it, and leave out the stand-in
    _working: asyncio.Task[None] | None = None  # asyncio itself holds it only weakly

    @property
    def name(self) -> str:
        """What this widget is called if it cannot be shown; always the same words."""
        raise NotImplementedError

    def stand_in(self) -> str:
        """Return the HTML that a stored notebook keeps, without digits that may vary."""
        raise NotImplementedError

    def stand_in_picture(self) -> Picture | None:
        """Return the picture of the stand-in alone, for LaTeX and PDF, which cannot show HTML."""
        return None

    def show(self) -> None:
        """Update what the browser draws."""
        raise NotImplementedError

    def work(self, steps: Iterator[object]) -> None:
        """Go through the steps: in the background in a notebook, at once without an event loop.

        Calls are ignored while earlier steps are running. The steps must catch their own errors:
        nobody would see an exception that is raised in the background.
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
        """Return the live widget and its stand-in, for pages and for print."""
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        data = {**data, "text/html": self.stand_in()}
        if picture := self.stand_in_picture():
            data["image/png"] = picture.base64
        return data, metadata
