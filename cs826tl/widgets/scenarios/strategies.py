"""Four ways to use a pre-trained network on a new task: run one, and predict what it takes."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

from cs826tl.data.tasks import Split, Task
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import encoding_steps, frozen_prefix, pooled
from cs826tl.training.costs import predict_cost
from cs826tl.training.evaluation import evaluate
from cs826tl.training.freezing import freeze, unfreeze
from cs826tl.training.loop import training_steps
from cs826tl.training.probes import linear_probe
from cs826tl.widgets.kit.training_tools import fresh_model, with_own_randomness

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
    """Return the four by name, where tuning all takes so many epochs.

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


def run_strategy(
    strategy: Strategy, backbone: StagedModel, task: Task, seed: int
) -> Generator[object, None, float]:
    """Train as the strategy says, batch by batch; return the accuracy on the test split."""
    model = _frozen(fresh_model(backbone, task.classes, seed), strategy)
    if strategy.epochs == 0:
        train = yield from _codes(model, task.train)
        test = yield from _codes(model, task.test)
        classifier = linear_probe(replace(task, train=train, test=test))
        return float(classifier.score(test.inputs, test.labels))
    yield from with_own_randomness(
        training_steps(model, task, epochs=strategy.epochs, lr=LR, seed=seed)
    )
    return evaluate(model, task)


def predict_seconds(
    strategy: Strategy, model: StagedModel, task: Task, seconds: dict[str, float]
) -> tuple[float, float]:
    """Predict what `run_strategy` takes: in each run, and once for the codes of the test split.

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


def _codes(model: StagedModel, split: Split) -> Generator[object, None, Split]:
    codes = yield from encoding_steps(model, split.inputs, frozen_prefix(model))
    return Split(pooled(codes).cpu(), split.labels)
