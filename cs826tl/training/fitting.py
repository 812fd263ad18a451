"""`fit`: train a model from beginning to end, with a progress bar, and come back with a history."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from cs826tl.data.given import Data
from cs826tl.data.tasks import Task
from cs826tl.devices import AUTO
from cs826tl.memory import is_out_of_memory
from cs826tl.networks.staging import StagedModel
from cs826tl.progress import progress_bar
from cs826tl.training.examples import Watched
from cs826tl.training.history import Doing, History
from cs826tl.training.loop import Penalty, Training
from cs826tl.training.plans import Plan


def fit(
    model: StagedModel,
    task: Task | Data,
    *,
    epochs: int | None = None,
    lr: float | Mapping[str, float] | None = None,
    plan: Plan | None = None,
    batch_size: int = 32,
    optimizer: torch.optim.Optimizer | None = None,
    penalty: Penalty | None = None,
    watch: Mapping[str, Watched] | None = None,
    seed: int = 0,
    device: str = AUTO,
    precision: str = AUTO,
    compiled: bool | None = None,
    progress: bool = True,
) -> History:
    """Train the model on the task's training split; measure on validation after every epoch.

    Instead of a task, give `(inputs, labels)` or a `torch.utils.data.Dataset`: then a fifth of
    every class, the same each time, is held out for validation. `Task.from_dataset` takes splits of
    your own.

    It trains for 5 epochs at the rate 0.001, unless `epochs` and `lr` (one rate, or one for every
    part) say otherwise, or a `plan` says both and what is frozen when (see `Plan`). The
    optimizer is AdamW over `param_groups(model, lr)`, unless you bring your own. Each step takes
    `batch_size` examples, in an order that `seed` draws. Frozen stages are run once (see `codes`);
    the result is the plain loop's to rounding. `watch` names other tasks
    to measure after every epoch, which is how forgetting is seen; a task with other classes goes
    with its own head: `{"source": (source_task, source_head)}`. `penalty(model, inputs, outputs)`
    is added to the loss (see `forgetting`).

    `precision` is `float32`, `bfloat16`, `float16` (with gradient scaling), or `auto`: what the
    device is fastest at. `compiled` says whether what trains is compiled; by default it is on a
    CUDA card, after an epoch that shows that the rest is long enough to repay it. You may
    interrupt: the history so far is returned, and the model stays as it is. The same happens if
    the memory is full. `progress=False` shows no bar. Afterwards the model is in evaluation mode.

    Raises `ValueError` if nothing can be trained, if the optimizer lacks parameters, if the
    task's classes are not the model's, if a plan is for another model or task or comes with
    `epochs` or `lr`, for a split without examples, a rate below 0, or fewer than one epoch or one
    example per batch; `TypeError` for a model without stages, or data that cannot be read.

    >>> from cs826tl import load_backbone, load_task
    >>> model = load_backbone("small_vgg", weights="random")
    >>> fit(model, load_task("digits"), epochs=2)["validation_accuracy"][-1] > 0.5
    True
    """
    training = Training(
        model, task, epochs=epochs, lr=lr, plan=plan, batch_size=batch_size, optimizer=optimizer,
        penalty=penalty, watch=watch, seed=seed, device=device, precision=precision,
        compiled=compiled, progress=progress,
    )  # fmt: skip
    history = training.history
    try:
        _run_with_bar(training)
    except KeyboardInterrupt:
        history.stopped = f"interrupted after {max(len(history.rows) - 1, 0)} epochs"
    except (RuntimeError, MemoryError) as problem:
        if not is_out_of_memory(problem):
            raise
        smaller = batch_size // 2
        advice = f"try batch_size={smaller}, or freeze" if smaller else "freeze"
        history.stopped = f"memory is full; {advice} more stages"
    finally:
        model.eval()
    return history


def _run_with_bar(training: Training) -> None:
    bar = progress_bar("", unit=" items", show=training.progress)
    try:
        for step in training:
            if step.doing is Doing.START:  # the codes are there; what follows can be counted
                bar.close()
                images = training.epochs * len(training.task.train)
                bar = progress_bar("", unit=" items", total=images, show=training.progress)
            bar.describe(step.doing)
            if step.doing is Doing.TRAINING or bar.total is None:  # not the codes of what wakes
                bar.update(step.images)
    finally:
        bar.close()
