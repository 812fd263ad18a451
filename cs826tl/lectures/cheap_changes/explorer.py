"""The line explorer: every network between two, on several tasks at once [N05]."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from cs826tl.lectures.cheap_changes.plots import plot_line
from cs826tl.methods.averaging import interpolate
from cs826tl.networks.staging import StagedModel
from cs826tl.progress import progress_bar
from cs826tl.widgets.controllers import Table, View, Worth, missions
from cs826tl.widgets.controls import Choice, Control, Number
from cs826tl.widgets.explorer import Explorer

STEP = 0.1
WEIGHTS = np.arange(0, 1 + STEP / 2, STEP).round(1).tolist()
VALLEY, BACK, FORTH = MISSIONS = (
    "1. Find a valley: at least 5 points fewer forms than at either end",
    "2. From the second network, win back 8 points of the photographs, and lose at most 8 of the "
    "forms",
    "3. From the first network, win 2 points of the forms, and lose at most 4 of the photographs",
)

Measure = Callable[[StagedModel], Mapping[str, float]]


def points(more: float, less: float) -> float:
    """Return the difference of two shares in points, without the error of binary fractions.

    >>> points(0.57, 0.49)
    8.0
    """
    return round(100 * (more - less), 6)


class LineController:
    """How far to go from the first network to one of the others, and what is right there."""

    title = "The line between two networks"
    help = "Choose a second network, and how much of it goes into the average."
    worth = Worth({"weight": tuple(WEIGHTS)})

    def __init__(
        self, first: StagedModel, ends: Mapping[str, StagedModel], measure: Measure
    ) -> None:
        self.lines: dict[str, pd.DataFrame] = {}
        with progress_bar("walking", unit=" networks", total=len(ends) * len(WEIGHTS)) as bar:
            for name, end in ends.items():
                rows = {}
                for weight in WEIGHTS:
                    rows[weight] = measure(interpolate(first, end, weight))
                    bar.update(1)
                self.lines[name] = pd.DataFrame.from_dict(rows, orient="index")
        self.settings: dict[str, Any] = {"end": next(iter(ends)), "weight": 0.0}
        self.met: set[str] = set()

    def controls(self) -> tuple[Control, ...]:
        """Return the second network and its weight."""
        now = self.settings
        return (
            Choice("end", "The second network", tuple(self.lines), now["end"]),
            Number("weight", "Its weight in the average", 0, 1, STEP, now["weight"]),
        )

    def set(self, name: str, value: Any) -> None:
        """Move along the line, or to another one."""
        self.settings[name] = round(value, 1) if name == "weight" else value
        forms, photographs = (self.line[task] for task in self.line)
        here = self.settings["weight"]
        met = {
            VALLEY: points(min(forms[0.0], forms[1.0]), forms[here]) >= 5,
            BACK: points(photographs[here], photographs[1.0]) >= 8
            and points(forms[1.0], forms[here]) <= 8,
            FORTH: points(forms[here], forms[0.0]) >= 2
            and points(photographs[0.0], photographs[here]) <= 4,
        }
        self.met |= {mission for mission, done in met.items() if done}

    @property
    def line(self) -> pd.DataFrame:
        """The shares right along this line: a row for each weight, a column for each task."""
        return self.lines[self.settings["end"]]

    def view(self) -> View:
        """Return what is right here, beside both ends, and the line as a picture."""
        weight, line = self.settings["weight"], self.line
        here = "; ".join(f"{task} {share:.0%}" for task, share in line.loc[weight].items())
        rows = tuple(
            (str(task), *(f"{line[task][w]:.0%}" for w in (0.0, weight, 1.0))) for task in line
        )
        return View(
            f"With a weight of {weight:g}, right: {here}.",
            (
                missions({mission: mission in self.met for mission in MISSIONS}),
                Table("Right", ("task", "first", "here", "second"), rows),
            ),
            partial(plot_line, line, weight),
            (7, 2.8),
            "A line for each task: the share right over the weight of the second network, from 0 "
            "to 1. An upright line marks the weight that is set.",
        )


def line_explorer(
    first: StagedModel, ends: Mapping[str, StagedModel], measure: Measure
) -> Explorer:
    """Return an explorer of the averages of a network and others that began as it [N05].

    `measure` returns the shares right of the new task and of the old one, in this order, for a
    network between `first` and one of `ends`; eleven of each line are measured beforehand, which
    takes a moment. The pitfall: if you choose the weight here, you fit the pictures that you look
    at.

    Raises `ValueError` as `averaging.interpolate` does.

    >>> from cs826tl import evaluate, load_backbone, load_task
    >>> first, end = (load_backbone("small_vgg", weights="random", seed=seed) for seed in (0, 1))
    >>> digits = load_task("digits", shots=1)
    >>> def measure(model):
    ...     return {split: evaluate(model, digits, split) for split in ("train", "test")}
    >>> explorer = line_explorer(first, {"end": end}, measure)
    >>> explorer.set("weight", 0.2)
    >>> explorer.state["status"]
    'With a weight of 0.2, right: train ...%; test ...%.'
    """
    return Explorer(LineController(first, ends, measure))
