"""The freezing panel: press stages to freeze them, see what that costs, train, and compare."""

from __future__ import annotations

import asyncio
import base64
import io
import time
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from matplotlib.figure import Figure

from cs826tl.backbones import StagedModel
from cs826tl.freezing import trainable_table
from cs826tl.plots import plot_stages, stage_role
from cs826tl.tasks import Task
from cs826tl.widgets.freezing_controller import FreezingController
from cs826tl.widgets.freezing_words import panel_state

BREATHING = 0.1  # seconds of training between two looks at the browser's messages


class FreezingPanel(anywidget.AnyWidget):
    """The view of a `FreezingController`; `freezing_panel` makes both."""

    _esm = Path(__file__).with_name("freezing_panel.js")
    _css = Path(__file__).with_name("freezing_panel.css")
    frozen = traitlets.List(traitlets.Unicode()).tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, controller: FreezingController) -> None:
        self.controller = controller
        super().__init__(frozen=list(controller.frozen), state=panel_state(controller))
        self.observe(self._plan, "frozen")
        self.on_msg(self._obey)
        self._training: asyncio.Task[None] | None = None  # asyncio itself holds it only weakly

    def train(self) -> None:
        """Train: in a notebook in the background, without an event loop here and now."""
        if self._training is not None and not self._training.done():
            return  # a second press
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            for _ in self.controller.train():
                pass
            self._show()
        else:
            self._training = loop.create_task(self._train())

    async def _train(self) -> None:
        looked = 0.0
        for _ in self.controller.train():
            if time.monotonic() - looked > BREATHING:
                self._show()
                await asyncio.sleep(0.002)  # lets the kernel take messages, a press on Stop too
                looked = time.monotonic()
        self._show()

    def _plan(self, _: object) -> None:
        if self.frozen != list(self.controller.frozen):  # else it comes from `_show`
            self.controller.set_frozen(self.frozen)
            self._show()

    def _obey(self, _: object, message: dict[str, str], __: object) -> None:
        {"train": self.train, "stop": self.controller.stop}[message["do"]]()

    def _show(self) -> None:
        self.frozen = list(self.controller.frozen)
        self.state = panel_state(self.controller)

    def __repr__(self) -> str:
        return f"Freezing panel of {self.controller.model.title}: run this cell to use it"

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the live widget and, for where none can run, a picture and a table."""
        data, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**data, "text/html": _static(self.controller.model)}, metadata


def freezing_panel(
    backbone: StagedModel,
    task: Task,
    *,
    through: str | None = None,
    epochs: int = 5,
    lr: float = 1e-3,
    seed: int = 0,
) -> FreezingPanel:
    """Return a panel in which you freeze stages, train, and see what it costs and brings [C07].

    Every run begins from a fresh copy of the backbone with a new head, so runs can be compared;
    the backbone stays as it is. At the start it is frozen `through` the named stage, or (None)
    up to the head. The pitfall: choosing the best of many runs is learning the validation split.

    Raises `ValueError` for an unknown stage, `epochs` below 1, or a task with one class.

    >>> from cs826tl import load_backbone, load_task
    >>> panel = freezing_panel(load_backbone("small_vgg", weights="random"), load_task("digits"))
    >>> panel.frozen
    ['block1', 'block2', 'block3', 'fc']
    """
    return FreezingPanel(FreezingController(backbone, task, through, epochs, lr, seed))


def _static(model: StagedModel) -> str:
    """Return the panel as a stored notebook keeps it: what is frozen, drawn and counted."""
    figure = Figure(figsize=(1.25 * len(model.parts), 1.9))
    plot_stages(model, figure.add_subplot())
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=80, bbox_inches="tight")
    picture = base64.b64encode(stream.getvalue()).decode("ascii")
    alternative = ", ".join(f"{name} {stage_role(model, name)}" for name in model.parts)
    return (
        f"<p>{escape(model.title)}. Run this cell to get the panel.</p>"
        f'<img alt="{escape(alternative)}" src="data:image/png;base64,{picture}">'
        f"{trainable_table(model).reset_index().to_html(index=False)}"
    )
