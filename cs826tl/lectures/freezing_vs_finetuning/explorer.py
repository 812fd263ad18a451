"""The scenario map: which strategy serves how many examples, of similar or different data [C11]."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from cs826tl.lectures.freezing_vs_finetuning.plots import plot_cell
from cs826tl.widgets.controllers import View, Worth, missions
from cs826tl.widgets.controls import Choice, Control
from cs826tl.widgets.explorer import Explorer

LINEAR, EARLIER, HIGHEST, ALL = STRATEGIES = (
    "linear on codes",
    "linear, earlier",
    "tune highest stages",
    "tune all",
)
COLUMNS = ["task", "shots", "way", "accuracy"]
AHEAD, WON = 0.03, 0.02  # of accuracy: the trial's bar, and what a mission asks for


class ScenarioMap:
    """The controller: one cell of the map and the learner's pick in it."""

    title = "The map of the scenarios"
    help = "Choose how similar your data are and how many you have. Pick a strategy, and see."
    worth = Worth(related=False)

    def __init__(self, measured: pd.DataFrame, tasks: Mapping[str, str]) -> None:
        self.tasks = tasks
        found: dict[tuple[str, int], dict[str, list[float]]] = {}
        for task, shots, way, accuracy in measured[COLUMNS].itertuples(index=False):
            found.setdefault((task, shots), {}).setdefault(way, []).append(accuracy)
        self.means = {
            cell: {way: sum(ways[way]) / len(ways[way]) for way in STRATEGIES}
            for cell, ways in found.items()
        }
        self.sizes = tuple(sorted({shots for _, shots in self.means}))
        self.similarity, self.size, self.pick = next(iter(tasks)), self.sizes[0], ALL

    def controls(self) -> tuple[Control, ...]:
        """Return what can be set, with its values."""
        return (
            Choice("similarity", "Your data are", tuple(self.tasks), self.similarity),
            Choice("size", "Labels per class", tuple(map(str, self.sizes)), str(self.size)),
            Choice("pick", "You pick", STRATEGIES, self.pick),
        )

    def set(self, name: str, value: Any) -> None:
        """Choose another cell, or another strategy."""
        setattr(self, name, int(value) if name == "size" else value)

    def advice(self) -> str:
        """Return what the slide advises: for few labels, unless these are the most we have."""
        if self.size == self.sizes[-1]:
            return ALL
        return LINEAR if self.similarity == next(iter(self.tasks)) else EARLIER

    def view(self) -> View:
        """Return the chosen cell, and which missions this choice meets."""
        found = self._cell(self.size)
        draw = partial(plot_cell, found, self.pick, self.advice())
        alt = "The test accuracy of four strategies in the chosen cell, the best on top."
        return View(self._status(found), (missions(self._met()),), draw, (7.4, 2.4), alt)

    def _met(self) -> dict[str, bool]:
        """Return the missions, each with whether the present choice meets it."""
        found, advice = self._cell(self.size), self.advice()
        close = [size for size in self.sizes if has_caught_up(self._cell(size))]
        return {
            "Obey the slide, and be right: pick its advice where it is the best of the four.": (
                self.pick == advice == best(found)
            ),
            "Disobey it, and win: pick what beats its advice by 2 points or more.": (
                found[self.pick] >= found[advice] + WON
            ),
            "Pay for labels: pick tuning all where it comes within 3 points of the best, with as "
            "few labels as you can.": (self.pick == ALL and close[:1] == [self.size]),
        }

    def _cell(self, size: int) -> dict[str, float]:
        return self.means[self.tasks[self.similarity], size]

    def _status(self, found: Mapping[str, float]) -> str:
        first, yours = best(found), 100 * found[self.pick]
        behind = 100 * found[first] - yours
        words = f"You pick {self.pick}: {yours:.0f} % right. "
        words += (
            "None is better. " if first == self.pick else f"Best is {first}, {behind:.0f} ahead. "
        )
        return words + f"The slide advises {self.advice()}."


def best(found: Mapping[str, float]) -> str:
    """Return the strategy with the highest accuracy.

    >>> best({"linear": 0.7, "all": 0.8})
    'all'
    """
    return max(found, key=lambda way: found[way])


def has_caught_up(found: Mapping[str, float]) -> bool:
    """Tell whether tuning all comes close to the best.

    >>> has_caught_up({LINEAR: 0.7, ALL: 0.68}), has_caught_up({LINEAR: 0.6, ALL: 0.5})
    (True, False)
    """
    return found[ALL] >= max(found.values()) - AHEAD


def scenario_map(measured: pd.DataFrame, similar: str, different: str) -> Explorer:
    """Return a map of what four strategies reach, by similarity and number of labels [C11].

    `measured` is the table of the trial of C11: one row for every `task`, number of `shots`, `seed`
    and `way`, with its `accuracy`. `similar` and `different` name two of its tasks. The fewer
    sizes are small, the largest one is large, as the slide has it.

    The pitfall: the map shows test accuracy, to compare strategies. Choose for data of your own
    on their validation split.

    >>> from cs826tl.lectures.freezing_vs_finetuning.experiments import recorded_cells
    >>> explorer = scenario_map(recorded_cells(), "cifar10", "mnist_70k")
    >>> explorer.state["status"].partition(":")[0]
    'You pick tune all'
    """
    tasks = {f"similar: {similar}": similar, f"different: {different}": different}
    return Explorer(ScenarioMap(measured, tasks))
