"""What the freezing panel does, without a browser: plan, predict, train, stop."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pandas as pd

from cs826tl._errors import in_words
from cs826tl.data.tasks import Task
from cs826tl.networks.staging import StagedModel
from cs826tl.training.auditing import audit, snapshot
from cs826tl.training.codes import frozen_prefix
from cs826tl.training.costs import Cost, predict_cost
from cs826tl.training.freezing import freeze, frozen_stages, unfreeze
from cs826tl.training.history import History, Step
from cs826tl.training.loop import Training
from cs826tl.widgets.training_tools import fresh_model, quick_stage_seconds


@dataclass
class FreezingRun:
    """One training run: what was frozen, what was predicted, and the result."""

    frozen: tuple[str, ...]
    prefix: int  # stages whose codes are computed once
    predicted: Cost
    history: History = field(default_factory=History)
    encoded: int = 0  # images whose codes were computed in this run
    trained: int = 0  # images seen in all epochs together
    codes_seconds: float = 0.0
    audit: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def accuracies(self) -> list[float]:
        """Validation accuracy before the first epoch and after each one."""
        return self.history["validation_accuracy"] if self.history.rows else []

    @property
    def seconds(self) -> float:
        """Seconds from the start to the last epoch's end, codes included."""
        return self.history["seconds"][-1] if self.history.rows else self.codes_seconds

    @property
    def epoch_seconds(self) -> float:
        """Seconds per epoch, on average; NaN before the first has ended."""
        seconds = self.history["seconds"] if self.history.rows else [0.0]
        epochs = len(seconds) - 1
        return (seconds[-1] - seconds[0]) / epochs if epochs else float("nan")


class FreezingController:
    """All that the freezing panel can do; `words` says it, `panel` shows it.

    An error is kept in `alert` instead of raised, because nobody would see an exception in a
    widget's callback. The constructor raises `ValueError` for an unknown stage or `epochs` below 1.
    """

    def __init__(
        self,
        backbone: StagedModel,
        task: Task,
        through: str | None,
        epochs: int,
        lr: float,
        seed: int,
    ) -> None:
        if epochs < 1:
            raise ValueError(f"epochs={epochs} must be at least 1")
        self.backbone, self.task = backbone, task
        self.epochs, self.lr, self.seed = epochs, lr, seed
        self.model = self._fresh_model()
        if through is not None or len(self.model.stages):  # of a network kept whole, none is frozen
            freeze(self.model, through=through)
        self.stage_seconds = quick_stage_seconds(self.model, task.train.inputs)
        self.run: FreezingRun | None = None  # in progress
        self.runs: list[FreezingRun] = []  # finished
        self.alert = ""
        self._stopping = False

    @property
    def frozen(self) -> tuple[str, ...]:
        """The names of the frozen parts, in order."""
        return frozen_stages(self.model)

    @property
    def busy(self) -> bool:
        """Whether training is in progress."""
        return self.run is not None

    @property
    def cost(self) -> Cost:
        """What training will cost with the parts frozen as they are now."""
        images, validation = len(self.task.train), len(self.task.validation)
        return predict_cost(self.model, images, self.stage_seconds, validation=validation)

    def set_frozen(self, stages: Sequence[str]) -> None:
        """Freeze exactly these parts. While training runs, the plan stays as it is."""
        if self.busy:
            return
        with self._alerting():
            _freeze_exactly(self.model, stages)

    def train(self) -> Iterator[None]:
        """Train a fresh copy of the backbone with a new head; yield after every batch."""
        if self.busy:
            return
        try:
            with self._alerting():
                yield from self._train()
        finally:
            self.run = None

    def stop(self) -> None:
        """Let training end after the current batch."""
        self._stopping = True

    def _train(self) -> Iterator[None]:
        if not self.cost.trainable:
            self.alert = "Nothing can be trained: every part is frozen, even the head."
            return
        self._stopping = False
        self.run = run = FreezingRun(self.frozen, frozen_prefix(self.model), self.cost)
        yield  # what follows takes a moment: let the panel say so first
        # each run begins from the same weights, new head included, so that runs can be compared
        self.model = _freeze_exactly(self._fresh_model(), self.frozen)
        before = snapshot(self.model)
        training = Training(self.model, self.task, epochs=self.epochs, lr=self.lr, seed=self.seed)
        run.history = training.history
        start = time.perf_counter()
        for step in training:
            _count(run, step, time.perf_counter() - start)
            if self._stopping:
                run.history.stopped = "stopped by you"
                break
            yield
        run.audit = audit(self.model, before)
        self.runs.append(run)

    def _fresh_model(self) -> StagedModel:
        return fresh_model(self.backbone, self.task.classes, self.seed)

    @contextmanager
    def _alerting(self) -> Iterator[None]:
        self.alert = ""
        try:
            yield
        except Exception as problem:
            self.alert = in_words(problem)


def _count(run: FreezingRun, step: Step, elapsed: float) -> None:
    if run.history.rows:
        run.trained += step.images
    else:
        run.encoded += step.images
        run.codes_seconds = elapsed


def _freeze_exactly(model: StagedModel, stages: Sequence[str]) -> StagedModel:
    rest = [name for name in model.parts if name not in stages]
    return unfreeze(freeze(model, stages), rest)
