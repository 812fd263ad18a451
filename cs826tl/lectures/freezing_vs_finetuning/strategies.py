"""Four ways to use a pre-trained network on a new task: run one, and predict what it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from torch import Tensor

from cs826tl.data.tasks import Split, Task
from cs826tl.devices import device_of, pick_precision
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import frozen_prefix, pooled, run_stages
from cs826tl.training.costs import predict_cost
from cs826tl.training.evaluation import evaluate
from cs826tl.training.freezing import freeze, unfreeze
from cs826tl.training.loop import Training
from cs826tl.training.probes import linear_probe
from cs826tl.widgets.training_tools import fresh_model

LINEAR, EARLIER, HIGHEST, ALL = STRATEGIES = (
    "linear on codes",
    "linear, earlier",
    "tune highest stages",
    "tune all",
)
LR = 1e-3


@dataclass(frozen=True)
class Strategy:
    """Frozen `through` a stage; above it fine-tuned, or (0 epochs) a linear classifier on codes."""

    through: str | None
    epochs: int


def strategies(backbone: StagedModel, epochs: int) -> dict[str, Strategy]:
    """Return the four by name, with this number of epochs for tuning all.

    Tuning the highest stages costs less, for the lower ones run once: it may take twice as many.
    Raises `ValueError` for a network of fewer than three stages.

    >>> from cs826tl import load_backbone
    >>> four = strategies(load_backbone("small_vgg", weights="random"), epochs=3)
    >>> four["linear, earlier"], four["tune highest stages"]
    (Strategy(through='block3', epochs=0), Strategy(through='block2', epochs=6))
    """
    names = [name for name, _ in backbone.stages.named_children()]
    if len(names) < 3:
        raise ValueError(f"{backbone.title} has {len(names)} stages: it takes three or more")
    return {
        LINEAR: Strategy(names[-1], 0),
        EARLIER: Strategy(names[len(names) // 2], 0),
        HIGHEST: Strategy(names[-3], 2 * epochs),
        ALL: Strategy(None, epochs),
    }


class StrategyRun:
    """One training as the strategy says: iterate over it, batch by batch, then read `accuracy`.

    The accuracy is on the test split, and NaN before the end.
    """

    def __init__(self, strategy: Strategy, backbone: StagedModel, task: Task, seed: int) -> None:
        self.accuracy = float("nan")
        self._strategy, self._task, self._seed = strategy, task, seed
        self._model = _frozen(fresh_model(backbone, task.classes, seed), strategy)

    def __iter__(self) -> Iterator[object]:
        model, task, epochs = self._model, self._task, self._strategy.epochs
        if epochs:
            yield from Training(model, task, epochs=epochs, lr=LR, seed=self._seed)
            self.accuracy = evaluate(model, task)
            return
        stages = frozen_prefix(model)
        number_type = pick_precision(device_of(model))
        train = yield from run_stages(model, task.train.inputs, stages, number_type)
        test = yield from run_stages(model, task.test.inputs, stages, number_type)
        coded = replace(task, train=_split(train, task.train), test=_split(test, task.test))
        classifier = linear_probe(coded)
        self.accuracy = float(classifier.score(coded.test.inputs, coded.test.labels))


def predict_seconds(
    strategy: Strategy, model: StagedModel, task: Task, seconds: dict[str, float]
) -> tuple[float, float]:
    """Predict what a run takes: each time, and once for the codes of the test split.

    `seconds` is what each part takes for an image, as `stage_seconds` measures it.
    """
    model = _frozen(unfreeze(model), strategy)
    looked_at = predict_cost(model, 0, seconds, validation=1)  # an image that trains nothing
    test_codes = len(task.test) * looked_at.codes_seconds
    if strategy.epochs == 0:
        return len(task.train) * looked_at.codes_seconds, test_codes
    cost = predict_cost(model, len(task.train), seconds, validation=len(task.validation))
    measuring = (len(task.validation) + len(task.test)) * looked_at.epoch_seconds
    return cost.codes_seconds + strategy.epochs * cost.epoch_seconds + measuring, test_codes


def _frozen(model: StagedModel, strategy: Strategy) -> StagedModel:
    return freeze(model, through=strategy.through) if strategy.through else model


def _split(codes: Tensor, split: Split) -> Split:
    return Split(pooled(codes).cpu(), split.labels)
