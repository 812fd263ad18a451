"""The cells of the scenario map: a task and a size each, and what came of every strategy there."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cs826tl._errors import unknown
from cs826tl.data.loading import few_shot
from cs826tl.data.tasks import Task
from cs826tl.lectures.freezing_vs_finetuning.plots import Cell
from cs826tl.lectures.freezing_vs_finetuning.strategies import (
    STRATEGIES,
    StrategyRun,
    predict_seconds,
    strategies,
)
from cs826tl.networks.staging import StagedModel
from cs826tl.widgets.training_tools import fresh_model, quick_stage_seconds

Piece = tuple[Cell, str, int]  # a cell, a strategy, a seed


@dataclass
class Tally:
    """What came of a strategy in a cell: an accuracy for each seed; seconds for all of them."""

    accuracies: list[float] = field(default_factory=list)
    predicted: float = 0.0
    measured: float = 0.0


class Cells:
    """Runs strategies in cells, after predicting what that takes, and keeps what came of them.

    `sizes` says for each number of examples per class how many epochs all stages are tuned. Raises
    `ValueError` for too many examples, or two tasks of one name.
    """

    def __init__(
        self, backbone: StagedModel, tasks: Sequence[Task], sizes: Mapping[int, int], seeds: int
    ) -> None:
        self.seeds = seeds
        self._backbone = backbone
        self._tasks = {task.name: task for task in tasks}
        if len(self._tasks) < len(tasks):
            raise ValueError(f"two tasks are named {tasks[0].name!r}; the map tells them by name")
        self.strategies = {shots: strategies(backbone, epochs) for shots, epochs in sizes.items()}
        self.tallies: dict[Cell, dict[str, Tally]] = {
            (name, shots): {strategy: Tally() for strategy in STRATEGIES}
            for name in self._tasks
            for shots in sizes
        }
        self._predicted = self._predict()
        self._coded: set[tuple[str, str]] = set()  # whose codes of the test split are there

    def take_over(self, measured: Mapping[Cell, Mapping[str, Sequence[float]]]) -> None:
        """Keep what was measured elsewhere; `ValueError` for another cell or strategy."""
        for cell, found in measured.items():
            if cell not in self.tallies:
                raise unknown("cell", cell, map(str, self.tallies))
            for strategy, accuracies in found.items():
                if strategy not in STRATEGIES:
                    raise unknown("strategy", strategy, STRATEGIES)
                nothing_known = float("nan")
                self.tallies[cell][strategy] = Tally(list(accuracies), nothing_known, nothing_known)

    def left(self, cells: Iterable[Cell]) -> list[Piece]:
        """Return what is left to run in these cells."""
        return [
            (cell, strategy, seed)
            for cell in cells
            for strategy, tally in self.tallies[cell].items()
            for seed in range(len(tally.accuracies), self.seeds)
        ]

    def seconds(self, pieces: Iterable[Piece]) -> float:
        """Predict what these take; the codes of a test split are computed once for all of them."""
        coded, total = set(self._coded), 0.0
        for cell, strategy, _ in pieces:
            each, once = self._predicted[cell][strategy]
            total += each + (once if (cell[0], strategy) not in coded else 0.0)
            coded.add((cell[0], strategy))
        return total

    def run(self, piece: Piece) -> Iterator[object]:
        """Run one, batch by batch. What is stopped half-way leaves nothing behind."""
        (name, shots), strategy, seed = piece
        predicted, start = self.seconds([piece]), time.perf_counter()
        task = few_shot(self._tasks[name], shots, seed)
        how = self.strategies[shots][strategy]
        run = StrategyRun(how, self._backbone, task, seed)
        yield from run
        tally = self.tallies[name, shots][strategy]
        tally.accuracies.append(run.accuracy)
        tally.predicted += predicted
        tally.measured += time.perf_counter() - start
        self._coded.add((name, strategy))

    def _predict(self) -> dict[Cell, dict[str, tuple[float, float]]]:
        predicted = {}
        for name, task in self._tasks.items():
            model = fresh_model(self._backbone, task.classes, 0)
            seconds = quick_stage_seconds(model, task.train.inputs)
            for shots, four in self.strategies.items():
                few = few_shot(task, shots)
                predicted[name, shots] = {
                    strategy: predict_seconds(how, model, few, seconds)
                    for strategy, how in four.items()
                }
        return predicted
