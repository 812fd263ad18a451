"""The line explorer: drag the mixing weight between two networks, and see what each task loses."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from cs826tl.data.tasks import Task
from cs826tl.lectures.robust_and_cheap.plots import plot_interpolation
from cs826tl.methods.averaging import interpolation_accuracy
from cs826tl.networks.staging import StagedModel
from cs826tl.widgets.controllers import Table, View
from cs826tl.widgets.controls import Control, Number
from cs826tl.widgets.explorer import Explorer

STEP = 0.1


class LineExplorer:
    """The controller: accuracies along the line, measured once, and one weight of it."""

    title = "The line between two networks"
    help = "Drag the weight from the first network, at 0, to the second, at 1."

    def __init__(
        self, first: StagedModel, second: StagedModel, tasks: Mapping[str, Task], split: str
    ) -> None:
        weights = [round(float(weight), 1) for weight in np.arange(0, 1 + STEP / 2, STEP)]
        self.line = interpolation_accuracy(first, second, tasks, weights, split=split)
        self.split, self.weight = split, 0.5

    def controls(self) -> tuple[Control, ...]:
        """Return the weight."""
        return (Number("weight", "Weight of the second network", 0, 1, STEP, self.weight),)

    def set(self, name: str, value: Any) -> None:
        """Move along the line."""
        self.weight = value

    def view(self) -> View:
        """Return the accuracies at this weight, beside both ends, and the line as a picture."""
        here, means = self.line.loc[self.weight], self.line.mean(axis=1)
        said = "; ".join(f"{task} {accuracy:.2f}" for task, accuracy in here.items())
        status = (
            f"Weight {self.weight:g}, {self.split} accuracy: {said}. The mean of the tasks is "
            f"{means[self.weight]:.2f} here, and highest, {means.max():.2f}, at {means.idxmax():g}."
        )
        rows = tuple(
            (str(task), *(f"{curve[w]:.2f}" for w in (0.0, self.weight, 1.0)))
            for task, curve in self.line.items()
        )
        table = Table("Accuracies", ("task", "first", "here", "second"), rows)
        alt = (
            "A line for each task: its accuracy over the weight of the second network, from 0 to "
            "1. An upright line marks the weight that is set."
        )
        return View(status, (table,), partial(plot_interpolation, self.line, self.weight), alt=alt)


def line_explorer(
    first: StagedModel,
    second: StagedModel,
    tasks: Mapping[str, Task],
    *,
    split: str = "validation",
) -> Explorer:
    """Return an explorer of the line between the weights of two networks (arXiv:2109.01903).

    Eleven networks between `first` and `second` are measured on `split` of all `tasks` beforehand,
    which takes a moment. The pitfall: if you
    choose the weight here, you fit the split that you look at.

    Raises `ValueError` as `averaging.interpolate` and `evaluate` do.

    >>> from cs826tl import load_backbone, load_task
    >>> ends = [load_backbone("small_vgg", weights="random", seed=seed) for seed in (0, 1)]
    >>> explorer = line_explorer(*ends, {"digits": load_task("digits", shots=1)})
    >>> explorer.set("weight", 0.2)
    >>> explorer.state["status"]
    'Weight 0.2, validation accuracy: digits ...'
    """
    return Explorer(LineExplorer(first, second, tasks, split))
