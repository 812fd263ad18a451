"""The explorer: one front end for every controller that has controls, a picture and tables."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from html import escape
from typing import Any

import traitlets

from cs826tl._errors import in_words, unknown
from cs826tl.plots.drawing import STAND_IN_DPI, Drawing
from cs826tl.plots.picture import Picture
from cs826tl.widgets.base import CourseWidget, front_end
from cs826tl.widgets.controllers import Controller, Progress, WorkingController
from cs826tl.widgets.controls import Press

DRAWING_SHARE = 0.1  # of the time that work takes


class Explorer(CourseWidget):
    """Shows a controller (see `controls.Controller`) as labelled controls, a picture, tables.

    What goes wrong while the controller works is shown in `state["alert"]` and not raised: nobody
    would see an exception in a widget's callback.

    >>> from cs826tl.widgets.controllers import View
    >>> from cs826tl.widgets.controls import Number
    >>> class Doubling:
    ...     title, help, number = "Doubling", "Move the slider.", 3
    ...     def controls(self):
    ...         return (Number("number", "Number", 0, 10, 1, self.number),)
    ...     def set(self, name, value):
    ...         self.number = value
    ...     def view(self):
    ...         return View(f"Twice {self.number} is {2 * self.number}.")
    >>> explorer = Explorer(Doubling())
    >>> explorer.set("number", 4)
    >>> explorer.state["status"]
    'Twice 4 is 8.'
    """

    _esm = front_end(__file__, "explorer.js")
    _css = front_end(__file__, "explorer.css")
    state = traitlets.Dict().tag(sync=True)
    picture = traitlets.Unicode().tag(sync=True)

    def __init__(self, controller: Controller) -> None:
        self.controller = controller
        self._alert = ""
        self._served = ""  # the browser's last request, which then sends the next
        self._progress: Progress | None = None
        self._stopping = False
        self._look()
        super().__init__(state=self._state(), picture=self._address)
        self.on_msg(self._obey)

    @property
    def name(self) -> str:
        """The controller's title."""
        return self.controller.title

    def set(self, name: str, value: Any) -> None:
        """Set a control, a number to the nearest one possible; ignored while work goes on.

        Raises `ValueError` for a name that is not a control's.
        """
        self._check(name)
        self._change({name: value})

    def press(self, name: str) -> None:
        """Press a button; in a notebook the work goes on in the background.

        Raises `ValueError` for a name that is not a button's.
        """
        self._check(name, Press)
        self.work(self._pressed(name))

    def stop(self) -> None:
        """End the work after the current piece."""
        self._stopping = True

    def show(self) -> None:
        """Update what the browser draws; while work goes on, draw only for a share of the time."""
        rested = time.monotonic() - self._looked
        if self._progress is None or rested * DRAWING_SHARE > self._looking:
            with self._alerting():
                self._look()
        with self.hold_sync():  # the picture and what is said of it arrive together
            self.picture = self._address
            self.state = self._state()

    def stand_in(self) -> str:
        """Return the title, the picture and what can be set."""
        rows = "".join(
            f"<tr><th>{escape(control.label)}</th><td>{escape(control.range)}</td></tr>"
            for control in self.controller.controls()
        )
        picture = self.stand_in_picture()
        return (
            f"<p><b>{escape(self.controller.title)}.</b> Run this cell to explore it.</p>"
            + (picture.html if picture else "")
            + f"<table><tr><th>You set</th><th>to</th></tr>{rows}</table>"
        )

    def stand_in_picture(self) -> Picture | None:
        """Return the picture as it is now, if the controller draws one."""
        if self._drawing is None:
            return None
        return Picture(self._drawing.png(STAND_IN_DPI), self._view.alt)

    def _look(self) -> None:
        start = time.monotonic()
        view = self.controller.view()
        drawing = Drawing(view.draw, view.size) if view.draw else None
        self._address = Picture(drawing.png(), view.alt).address if drawing else ""
        self._view, self._drawing = view, drawing
        self._looked = time.monotonic()
        self._looking = self._looked - start

    def _check(self, name: str, kind: type[object] = object) -> None:
        """Raise `ValueError` for a name that is not among the controls, or not of this kind."""
        there = [c.name for c in self.controller.controls() if isinstance(c, kind)]
        if name not in there:
            raise unknown("button" if kind is Press else "control", name, there)

    def _change(self, changes: Mapping[str, Any]) -> None:
        if self._progress is None:
            self._alert = ""
            with self._alerting():
                for name, value in changes.items():
                    controls = {control.name: control for control in self.controller.controls()}
                    if name not in controls:
                        raise unknown("control", name, controls)
                    self.controller.set(name, controls[name].fitted(value))
        self.show()

    def _pressed(self, name: str) -> Iterator[Progress]:
        self._alert, self._stopping = "", False
        self._progress = Progress(0, "getting ready")
        try:
            yield self._progress  # what follows may take a moment: say so first
            with self._alerting():
                if not isinstance(self.controller, WorkingController):
                    raise TypeError(f"{type(self.controller).__name__} has no method press")
                for progress in self.controller.press(name):
                    self._progress = progress
                    yield progress
                    if self._stopping:
                        break
        finally:
            self._progress = None

    def _obey(self, _: object, message: dict[str, Any], buffers: list[memoryview]) -> None:
        if message["do"] == "set":
            self._served = message["ticket"]
            files = zip(message["files"], map(bytes, buffers), strict=True)
            self._change({**message["changes"], **dict(files)})
        elif message["do"] == "press":
            self.press(message["name"])
        else:
            self.stop()

    def _state(self) -> dict[str, Any]:
        """Return, as JSON, all that the browser draws beside the picture."""
        controls = self.controller.controls()
        return {
            "title": self.controller.title,
            "help": self.controller.help,
            "controls": [{"kind": type(c).__name__, **asdict(c)} for c in controls],
            "busy": self._progress is not None,
            "progress": asdict(self._progress) if self._progress else None,
            "status": self._view.status,
            "alert": self._alert,
            "alt": self._view.alt,
            "size": [100 * inches for inches in self._view.size],
            "tables": [asdict(table) for table in self._view.tables],
            "served": self._served,
        }

    @contextmanager
    def _alerting(self) -> Iterator[None]:
        try:
            yield
        except Exception as problem:
            self._alert = in_words(problem)
