"""The scenario map: which strategy serves how many examples, of similar or different data [C11]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from cs826tl.data.tasks import Task
from cs826tl.lectures.freezing_vs_finetuning.cells import Cells
from cs826tl.lectures.freezing_vs_finetuning.plots import Cell, plot_scenarios
from cs826tl.lectures.freezing_vs_finetuning.strategies import ALL, EARLIER, LINEAR
from cs826tl.networks.staging import StagedModel
from cs826tl.widgets.controllers import Progress, Table, View, Worth
from cs826tl.widgets.controls import Choice, Control, Press
from cs826tl.widgets.explorer import Explorer
from cs826tl.widgets.training_tools import duration

# Examples per class, and in how many epochs all stages are tuned on them.
SIZES = {5: 10, 20: 5, 60: 3, 100: 2}


class ScenarioMap:
    """The controller: `tasks` by what the learner chooses, the similar one first."""

    title = "The map of the scenarios"
    help = (
        "Choose a cell: how similar your data are, and how many. See what the four strategies "
        "will take there, and run them."
    )
    worth = Worth(related=False, leave=("rest",))

    def __init__(self, cells: Cells, tasks: Mapping[str, str]) -> None:
        self.cells, self.tasks = cells, tasks
        self.similarity = next(iter(tasks))
        self.sizes = tuple(cells.strategies)
        self.size = self.sizes[0]

    @property
    def cell(self) -> Cell:
        """The chosen cell."""
        return self.tasks[self.similarity], self.size

    def controls(self) -> tuple[Control, ...]:
        """Return what can be set, with its values."""
        return (
            Choice("similarity", "Your data are", tuple(self.tasks), self.similarity),
            Choice("size", "Examples per class", tuple(map(str, self.sizes)), str(self.size)),
            Press("run", "Run this cell"),
            Press("rest", "Run all that are left"),
        )

    def set(self, name: str, value: Any) -> None:
        """Choose another cell."""
        if name == "similarity":
            self.similarity = value
        else:
            self.size = int(value)

    def press(self, name: str) -> Iterator[Progress]:
        """Run what is left to run: of the chosen cell, or of all."""
        pieces = self.cells.left([self.cell] if name == "run" else self.cells.tallies)
        seconds = [self.cells.seconds(pieces[:k]) for k in range(len(pieces) + 1)]
        for piece, done in zip(pieces, seconds[:-1], strict=True):
            (task, size), strategy, seed = piece
            label = f"{task}, {size} per class: {strategy}, draw {seed + 1} of {self.cells.seeds}"
            for _ in self.cells.run(piece):
                yield Progress(done / seconds[-1], label)

    def view(self) -> View:
        """Return the map, and what is known of the chosen cell."""
        found = {
            cell: {strategy: tally.accuracies for strategy, tally in tallies.items()}
            for cell, tallies in self.cells.tallies.items()
        }
        waiting = {
            cell: f"not run yet; about {duration(self.cells.seconds(self.cells.left([cell])))}"
            for cell in found
            if not any(found[cell].values())
        }
        titles = {task: similarity for similarity, task in self.tasks.items()}
        draw = partial(plot_scenarios, found, waiting, titles, self.cell)
        alt = (
            "Test accuracy of four strategies against the number of examples per class; "
            f"{' to the left, '.join(self.tasks)} to the right. A dot is a draw of the examples, "
            "a bar their mean. The table below holds the numbers of the chosen data."
        )
        tables = (self._accuracies(), self._costs())
        return View(self._status(), tables, draw, (7.4, 4), alt)

    def _status(self) -> str:
        left = self.cells.left([self.cell])
        if not left:
            return self._finding()
        rest = self.cells.left(self.cells.tallies)
        of = len(self.cells.tallies[self.cell]) * self.cells.seeds
        return (
            f"{of - len(left)} of {of} runs done in this cell. What is left takes about "
            f"{duration(self.cells.seconds(left))}, in all cells together "
            f"{duration(self.cells.seconds(rest))}."
        )

    def _finding(self) -> str:
        """Say which strategy is best in the chosen cell, how surely, and what the slide advises."""
        found = {name: t.accuracies for name, t in self.cells.tallies[self.cell].items()}
        best = max(found, key=lambda name: np.mean(found[name]))
        draws = list(zip(*found.values(), strict=False))
        ahead = sum(max(draw) == draw[list(found).index(best)] for draw in draws)
        words = f"Best on average: {best}, and best on {ahead} of {len(draws)} draws. "
        advised = self._advice()
        if advised is None:
            return words + "The slide says nothing of a middle size."
        if advised == best:
            return words + "The slide advises it."
        behind = np.mean(found[best]) - np.mean(found[advised])
        return words + f"The slide advises {advised}: {behind:.2f} behind."

    def _advice(self) -> str | None:
        if self.size == max(self.sizes):
            return ALL
        if self.size > min(self.sizes):
            return None
        return LINEAR if self.similarity == next(iter(self.tasks)) else EARLIER

    def _accuracies(self) -> Table:
        """Return the table of the chosen data: one row per strategy, one column per size."""
        task, _ = self.cell
        tallies = [self.cells.tallies[task, size] for size in self.sizes]
        return Table(
            f"Test accuracy on {task}: mean (lowest to highest draw)",
            ("strategy", *(f"{size} per class" for size in self.sizes)),
            tuple(
                (strategy, *(_spread(column[strategy].accuracies) for column in tallies))
                for strategy in tallies[0]
            ),
        )

    def _costs(self) -> Table:
        """Return the table of what the chosen cell takes."""
        left = self.cells.left([self.cell])
        rows = []
        for name, tally in self.cells.tallies[self.cell].items():
            how = self.cells.strategies[self.size][name]
            expected = tally.predicted + self.cells.seconds(p for p in left if p[1] == name)
            measured = duration(tally.measured) if tally.accuracies else "–"
            frozen = f"through {how.through}" if how.through else "nothing"
            epochs = f"{how.epochs} epoch{'s' * (how.epochs > 1)}"
            trained = epochs if how.epochs else "linear classifier"
            rows.append((name, frozen, trained, duration(expected), measured))
        caption = f"{self.cell[0]}, {self.size} per class: seconds of {self.cells.seeds} draws"
        return Table(
            caption, ("strategy", "frozen", "trained", "predicted", "measured"), tuple(rows)
        )


def scenario_map(
    backbone: StagedModel,
    similar: Task,
    different: Task,
    *,
    sizes: Mapping[int, int] = SIZES,
    seeds: int = 3,
    measured: Mapping[Cell, Mapping[str, Sequence[float]]] | None = None,
) -> Explorer:
    """Return a map on which you run four strategies in cells of size and similarity [C11].

    The strategies: a linear classifier on the last codes; one on codes of the middle stage; the
    two highest stages fine-tuned; all stages fine-tuned. `similar` and `different` are two tasks
    to draw examples from. `sizes` gives the numbers of examples per class, and for each the epochs
    in which all stages are tuned; `seeds` counts the draws. What you have `measured` already you
    can bring along: `{("photos", 5): {"tune all": [0.6, 0.7, 0.6], ...}, ...}`.

    The pitfall: the map shows test accuracy, to compare strategies. Choose for data of your own
    on their validation split.

    Raises `ValueError` for a size that a task cannot offer, two tasks of one name, a network of
    fewer than three stages, or `measured` for another cell or strategy.

    >>> from cs826tl import load_backbone, load_task
    >>> backbone = load_backbone("small_vgg", weights="random")
    >>> explorer = scenario_map(backbone, load_task("digits_0_4"), load_task("digits_5_9"))
    >>> explorer.state["status"].partition(".")[0]
    '0 of 12 runs done in this cell'
    """
    cells = Cells(backbone, (similar, different), sizes, seeds)
    cells.take_over(measured or {})
    tasks = {
        f"similar: {similar.name}": similar.name,
        f"different: {different.name}": different.name,
    }
    return Explorer(ScenarioMap(cells, tasks))


def _spread(accuracies: Sequence[float]) -> str:
    if not accuracies:
        return "–"
    return f"{np.mean(accuracies):.2f} ({min(accuracies):.2f} to {max(accuracies):.2f})"
