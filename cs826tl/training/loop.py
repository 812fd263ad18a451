"""`fit`: a plain training loop that runs frozen stages only once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from itertools import repeat
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from cs826tl._signatures import takes_arguments_of
from cs826tl.data.given import Data
from cs826tl.data.tasks import Task, task_to_fit
from cs826tl.devices import (
    AUTO,
    all_cards,
    compiling_pays,
    image_layout,
    is_out_of_memory,
    mixed_precision,
    pick_device,
    pick_precision,
    place,
)
from cs826tl.networks.staging import StagedModel
from cs826tl.progress import progress_bar
from cs826tl.training.checks import (
    VALIDATION,
    Watched,
    check_model,
    check_numbers,
    check_rates,
    check_trainable,
    check_watch,
)
from cs826tl.training.codes import Encoding
from cs826tl.training.evaluation import (
    Examples,
    Measuring,
    Tally,
    body_above,
    examples,
    prefix_to_encode,
)
from cs826tl.training.freezing import param_groups, train_mode
from cs826tl.training.history import Doing, History, Step
from cs826tl.training.plans import Plan, check_plan, set_rates

Penalty = Callable[[StagedModel, Tensor, Tensor], Tensor]
Rates = Mapping[str, float]
EPOCHS, LR = 5, 1e-3  # where neither you nor a plan says otherwise
LOWEST_SCALE = 1.0  # the gradient scaler begins at 65536; below 1 it would scale down


class Training:
    """One training, step by step: iterate over it; `history` grows with every epoch.

    Take it instead of `fit` to look at the model between epochs, or to stop early. It takes the
    arguments of `fit`, and means the same by them. A second loop goes on where the first one
    stopped. Afterwards the model is in evaluation mode.

    The pitfall: it seeds PyTorch's global generator; `fit` puts that back.

    The constructor moves the model to the device and raises what `fit` raises.

    >>> from cs826tl import load_backbone, load_task
    >>> model = load_backbone("small_vgg", weights="random")
    >>> training = Training(model, load_task("digits", shots=5), epochs=2)
    >>> [step.doing.value for step in training if step.row]
    ['start', 'end epoch', 'end epoch']
    >>> training.history
    History of 2 epochs
    """

    def __init__(
        self,
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
    ) -> None:
        check_model(model)
        if plan is not None and not (epochs is None and lr is None):
            raise ValueError("the plan has its own epochs and rates: leave out epochs and lr")
        lr = LR if lr is None else lr
        self.model, self.task = model, task_to_fit(task, model.classes)
        self.epochs = plan.epochs if plan else EPOCHS if epochs is None else epochs
        self.plan, self.penalty, self.watch = plan, penalty, watch or {}
        self.batch_size, self.seed, self.precision = batch_size, seed, precision
        self.compiled, self.progress = compiled, progress
        check_numbers(self.epochs, batch_size)
        check_rates(lr)
        check_watch(self.watch)
        self.device = pick_device(device)
        self.number_type = pick_precision(self.device, precision)
        model.to(self.device).to(memory_format=image_layout(self.device))  # type: ignore[call-overload]
        self._to_train = examples(model, self.task, "train")
        self._to_measure = self._splits_to_measure()
        self.optimizer = optimizer or _adamw(model, lr, plan)
        if plan is not None:
            check_plan(plan, model, self.optimizer, math.ceil(len(self.task.train) / batch_size))
            plan.begin(model, 1)
        check_trainable(model, self.optimizer)
        # gradients that float16 would round to zero are scaled up; other types need no scaling
        half = self.number_type is torch.float16
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=half)
        self.history = History()
        self._steps = self._run()

    def __iter__(self) -> Generator[Step, None, None]:
        return self._steps

    def _run(self) -> Generator[Step, None, None]:
        torch.manual_seed(self.seed)
        shuffle = torch.Generator().manual_seed(self.seed)
        self._started = time.perf_counter()
        self._left = 0.0  # seconds that the epochs to come will take
        yield from self._encode()
        yield from self._measure({"epoch": 0}, Doing.START)
        for epoch in range(1, self.epochs + 1):
            began = time.perf_counter()
            if self.plan is not None and self.plan.changes(epoch):
                self.plan.begin(self.model, epoch)
                yield from self._encode()
            self._compile_if_it_pays()
            yield Step(Doing.BEGIN_EPOCH)
            order = torch.randperm(len(self.task.train), generator=shuffle)
            order = order.to(self._train.codes.device)
            rates = self.plan.steps(epoch) if self.plan is not None else repeat(None)
            tally = Tally(self.device)
            yield from self._one_epoch(order.split(self.batch_size), rates, tally)
            loss, accuracy = tally.read()
            if reason := self._why_to_stop(loss):
                self.history.stopped = f"stopped in epoch {epoch}: {reason}"
                yield Step(Doing.STOP)
                return
            row = {"epoch": epoch, "loss": loss, "accuracy": accuracy}
            yield from self._measure(row, Doing.END_EPOCH)
            self._left = (self.epochs - epoch) * (time.perf_counter() - began)

    def _one_epoch(
        self, batches: Iterable[Tensor], rates: Iterable[Rates | None], tally: Tally
    ) -> Iterator[Step]:
        """Train once over the training split; each batch is the numbers of its rows."""
        model, train, optimizer, scaler = self.model, self._train, self.optimizer, self.scaler
        train_mode(model)
        for rows, step_rates in zip(batches, rates, strict=False):
            if step_rates is not None:
                set_rates(optimizer, step_rates)
            codes = place(train.codes[rows], self.device)
            labels = train.labels[rows].to(self.device)
            with mixed_precision(self.device, self.number_type):
                outputs = train.head(self._body(codes))
                loss = F.cross_entropy(outputs, labels)
                if self.penalty is not None:
                    inputs = train.inputs[rows.to(train.inputs.device)]
                    loss = loss + self.penalty(model, place(inputs, self.device), outputs)
            optimizer.zero_grad(set_to_none=True)
            scaler.scale(loss).backward()
            scaler.step(optimizer)  # skipped where a gradient is infinite; the scale is then halved
            scaler.update()
            tally.add(loss.detach() * len(rows), outputs.detach(), labels)
            yield Step(Doing.TRAINING, len(rows))

    def _splits_to_measure(self) -> dict[str, Examples]:
        splits = {VALIDATION: examples(self.model, self.task, VALIDATION)}
        for name, given in self.watch.items():
            task, head = given if isinstance(given, tuple) else (given, None)
            splits[name] = examples(self.model, task, VALIDATION, head)
        return splits

    def _encode(self) -> Iterator[Step]:
        """Run the frozen stages over all splits; what is left to run is the body and the heads."""
        stages = prefix_to_encode(self.model, self.task.train.inputs)
        encoded: dict[str | None, Examples] = {}
        for name, split in ((None, self._to_train), *self._to_measure.items()):
            encoding = Encoding(self.model, split.inputs, stages, self.precision)
            for images in encoding:
                yield Step(Doing.ENCODING, images)
            encoded[name] = split.with_codes(encoding.codes)
        self._train = encoded.pop(None)
        self._measured = encoded
        self._plain_body = body_above(self.model, stages)
        self._body: Callable[..., Tensor] = self._plain_body  # or compiled

    def _measure(self, row: dict[str, float], doing: Doing) -> Iterator[Step]:
        """Add a row to the history: the accuracy on every measured split, the loss on one."""
        self.model.eval()  # and so it stays while you look at it between epochs
        for name, split in self._measured.items():
            measuring = Measuring(self._plain_body, split, self.number_type)
            for _ in measuring:
                yield Step(Doing.MEASURING)
            row[f"{name}_accuracy"] = measuring.accuracy
            if name == VALIDATION:
                row["validation_loss"] = measuring.loss
        row["seconds"] = time.perf_counter() - self._started
        self.history.rows.append(row)
        yield Step(doing, row=row)

    def _compile_if_it_pays(self) -> None:
        if self._body is not self._plain_body:
            return
        wanted = self.compiled
        if wanted is None:
            wanted = compiling_pays(self.device, self._left)
        if wanted:
            self._body = torch.compile(self._plain_body)

    def _why_to_stop(self, loss: float) -> str:
        """Return the reason to stop after an epoch, if there is one.

        A skipped step is none: the scaler tries a scale, and takes half of it for the next step.
        """
        half = self.number_type is torch.float16
        if not math.isfinite(loss):
            fix = "precision='float32', or a smaller lr" if half else "a smaller lr"
            return f"the loss is {loss}; try {fix}"
        if half and self.scaler.get_scale() < LOWEST_SCALE:
            return "the gradients are infinite in float16 at every scale; try precision='float32'"
        return ""


@takes_arguments_of(Training)
def fit(*arguments: Any, **options: Any) -> History:
    """Train the model on the task's training split; measure on validation after every epoch.

    Instead of a task, give `(inputs, labels)` or a `torch.utils.data.Dataset`: then a fifth of
    every class, the same each time, is held out for validation. `Task.from_dataset` takes splits of
    your own.

    It trains for 5 epochs at the rate 0.001, unless `epochs` and `lr` (one rate, or one for every
    part) say otherwise, or a `plan` says both and what is frozen when (see `Plan`). The
    optimizer is AdamW over `param_groups(model, lr)`, unless you bring your own. Frozen stages are
    run once (see `codes`); the result is the plain loop's to rounding. `watch` names other tasks
    to measure after every epoch, which is how forgetting is seen; a task with other classes goes
    with its own head: `{"source": (source_task, source_head)}`. `penalty(model, inputs, outputs)`
    is added to the loss (see `forgetting`).

    `precision` is `float32`, `bfloat16`, `float16` (with gradient scaling), or `auto`: what the
    device is fastest at. `compiled` says whether what trains is compiled; by default it is on a
    CUDA card, after an epoch that shows that the rest is long enough to repay it. You may
    interrupt: the history so far is returned, and the model stays as it is. The same happens where
    the memory is full. Afterwards the model is in evaluation mode.

    Raises `ValueError` where nothing can be trained, where the optimizer lacks parameters, where
    the task's classes are not the model's, where a plan is for another model or task or comes with
    `epochs` or `lr`, for a split without examples, a rate below 0, or less than one epoch or one
    example per batch; `TypeError` for a model without stages, or data that cannot be read.

    >>> from cs826tl import load_backbone, load_task
    >>> model = load_backbone("small_vgg", weights="random")
    >>> fit(model, load_task("digits"), epochs=2)["validation_accuracy"][-1] > 0.5
    True
    """
    training = Training(*arguments, **options)
    history, show = training.history, training.progress
    bar = progress_bar("", unit=" items", show=show)
    with torch.random.fork_rng(devices=all_cards()):
        try:
            for step in training:
                if step.doing is Doing.START:  # the codes are there; what follows can be counted
                    bar.close()
                    images = training.epochs * len(training.task.train)
                    bar = progress_bar("", unit=" items", total=images, show=show)
                bar.set_description(step.doing, refresh=False)
                if step.doing is Doing.TRAINING or bar.total is None:  # not the codes of what wakes
                    bar.update(step.images)
        except KeyboardInterrupt:
            history.stopped = f"interrupted after {max(len(history.rows) - 1, 0)} epochs"
        except (RuntimeError, MemoryError) as problem:
            if not is_out_of_memory(problem):
                raise
            smaller = max(1, training.batch_size // 2)
            history.stopped = f"memory is full; try batch_size={smaller}, or freeze more stages"
        finally:
            bar.close()
            training.model.eval()
    return history


def _adamw(
    model: StagedModel, lr: float | Mapping[str, float], plan: Plan | None
) -> torch.optim.Optimizer:
    """Return AdamW in one kernel per step, over all that is trained now or, by a plan, ever."""
    groups = param_groups(model, lr)
    trained = [g for g in groups if any(p.requires_grad for p in g["params"])]
    # every device that `pick_device` picks has the fused kernel
    return torch.optim.AdamW(trained if trained and plan is None else groups, fused=True)
