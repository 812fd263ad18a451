"""The freezing panel: freeze stages at a press, see what that costs, train, and compare."""

from __future__ import annotations

from functools import partial
from html import escape

import traitlets

from cs826tl.data.tasks import Task
from cs826tl.networks.staging import StagedModel
from cs826tl.plots import plot_stages
from cs826tl.plots.drawing import STAND_IN_DPI, Drawing
from cs826tl.plots.picture import Picture
from cs826tl.plots.stages import stage_role
from cs826tl.training.freezing import trainable_table
from cs826tl.widgets.base import CourseWidget, front_end
from cs826tl.widgets.freezing.controller import FreezingController
from cs826tl.widgets.freezing.words import panel_state


class FreezingPanel(CourseWidget):
    """The view of a `FreezingController`; `freezing_panel` makes both."""

    _esm = front_end(__file__, "freezing_panel.js")
    _css = front_end(__file__, "freezing_panel.css")
    frozen = traitlets.List(traitlets.Unicode()).tag(sync=True)
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, controller: FreezingController) -> None:
        self.controller = controller
        super().__init__(frozen=list(controller.frozen), state=panel_state(controller))
        self.observe(self._plan, "frozen")
        self.on_msg(self._obey)

    @property
    def name(self) -> str:
        """The panel and its network."""
        return f"Freezing panel of {self.controller.model.title}"

    def train(self) -> None:
        """Train, in a notebook in the background."""
        self.work(self.controller.train())

    def show(self) -> None:
        """Bring what the browser draws up to date."""
        self.frozen = list(self.controller.frozen)
        self.state = panel_state(self.controller)

    def stand_in(self) -> str:
        """Return what is frozen, drawn and counted."""
        model = self.controller.model
        table = trainable_table(model).reset_index()
        counts = table.select_dtypes("integer").columns
        return (
            f"<p>{escape(model.title)}. Run this cell to get the panel.</p>"
            f"{self.stand_in_picture().html}"
            f"{table.to_html(index=False, formatters=dict.fromkeys(counts, '{:,}'.format))}"
        )

    def stand_in_picture(self) -> Picture:
        """Return what is frozen, drawn."""
        model = self.controller.model
        drawing = Drawing(partial(plot_stages, model), (1.25 * len(model.parts), 1.9))
        alternative = ", ".join(f"{name} {stage_role(model, name)}" for name in model.parts)
        return Picture(drawing.png(STAND_IN_DPI), alternative)

    def _plan(self, _: object) -> None:
        if self.frozen != list(self.controller.frozen):  # else it comes from `show`
            self.controller.set_frozen(self.frozen)
            self.show()

    def _obey(self, _: object, message: dict[str, str], __: object) -> None:
        {"train": self.train, "stop": self.controller.stop}[message["do"]]()


def freezing_panel(
    backbone: StagedModel,
    task: Task,
    *,
    through: str | None = None,
    epochs: int = 5,
    lr: float = 1e-3,
    seed: int = 0,
) -> FreezingPanel:
    """Return a panel in which you freeze stages, train, and see what it costs and gains [C07].

    The backbone comes from `load_backbone`, or from `staged` for a network of your own. Every run
    begins from a fresh copy of it with a new head, so runs can be compared; the backbone stays as
    it is. At the start, stages are frozen `through` the named one, or (None) up to the head. `lr`
    is the rate of all parts; `seed` draws the head and the batches. Pitfall: if you choose the best
    of many runs, you fit the validation split.

    Raises `ValueError` for an unknown stage, `epochs` below 1, or a task with one class, and
    `TypeError` for a network that is not yet staged.

    >>> from cs826tl import load_backbone, load_task
    >>> panel = freezing_panel(load_backbone("small_vgg", weights="random"), load_task("digits"))
    >>> panel.frozen
    ['block1', 'block2', 'block3', 'fc']
    """
    return FreezingPanel(FreezingController(backbone, task, through, epochs, lr, seed))
