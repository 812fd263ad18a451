"""The training loop: plain PyTorch, epoch by epoch, over codes of the frozen stages."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import repeat
from numbers import Integral

import torch
import torch.nn.functional as F
from torch import Tensor

from cs826tl.data.given import Data
from cs826tl.data.tasks import Task, task_to_fit
from cs826tl.devices import (
    AUTO,
    all_cards,
    compiling_pays,
    image_layout,
    lay_out,
    mixed_precision,
    pick_device,
    pick_precision,
    place,
)
from cs826tl.networks.staging import StagedModel, check_head, check_staged
from cs826tl.training.evaluation import Score, measure
from cs826tl.training.examples import VALIDATION, Watched, encoded, labelled_splits
from cs826tl.training.freezing import train_mode
from cs826tl.training.history import Doing, History, Step, Steps
from cs826tl.training.optimizers import adamw, check_trainable, gradient_scaler, why_to_stop
from cs826tl.training.plans import Plan, check_plan, set_rates

Penalty = Callable[[StagedModel, Tensor, Tensor], Tensor]
EPOCHS, LR = 5, 1e-3  # unless you or a plan say otherwise


class Training:
    """One training, step by step: iterate over it; `history` grows with every epoch.

    Take it instead of `fit` to look at the model between epochs, or to stop early. Its arguments
    are those of `fit`: `model`, `task`, `epochs`, `lr`, `plan`, `batch_size`, `optimizer`,
    `penalty`, `watch`, `seed`, `device`, `precision`, `compiled` and `progress`. A second loop goes
    on where the first one stopped. Afterwards the model is in evaluation mode. Its random numbers
    are its own: what you draw between two steps changes nothing, and PyTorch's global generator is
    left alone.

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
        check_staged(model)
        check_head(model)
        if plan is not None and not (epochs is None and lr is None):
            raise ValueError("the plan has its own epochs and rates: leave out epochs and lr")
        lr = LR if lr is None else lr
        self.model, self.task = model, task_to_fit(task, model.classes)
        self.epochs = plan.epochs if plan else EPOCHS if epochs is None else epochs
        self.plan, self.penalty = plan, penalty
        self.batch_size, self.seed = batch_size, seed
        self.compiled, self.progress = compiled, progress
        _check_numbers(self.epochs, batch_size)
        self.device = pick_device(device)
        self.number_type = pick_precision(self.device, precision)
        lay_out(model.to(self.device), image_layout(self.device))
        self._splits = labelled_splits(model, self.task, watch or {})
        self.optimizer = optimizer or adamw(model, lr, all_parts=plan is not None)
        if plan is not None:
            check_plan(plan, model, self.optimizer, math.ceil(len(self.task.train) / batch_size))
            plan.begin(model, 1)
        check_trainable(model, self.optimizer)
        self.scaler = gradient_scaler(self.device, self.number_type)
        self.history = History()
        self._steps = _with_own_randomness(self._run())

    def __iter__(self) -> Steps[None]:
        return self._steps

    def _run(self) -> Steps[None]:
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
            loss, accuracy = yield from self._one_epoch(order.split(self.batch_size), rates)
            if reason := why_to_stop(loss, self.scaler):
                self.history.stopped = f"stopped in epoch {epoch}: {reason}"
                yield Step(Doing.STOP)
                return
            row = {"epoch": epoch, "loss": loss, "accuracy": accuracy}
            yield from self._measure(row, Doing.END_EPOCH)
            self._left = (self.epochs - epoch) * (time.perf_counter() - began)

    def _one_epoch(
        self, batches: Iterable[Tensor], rates: Iterable[Mapping[str, float] | None]
    ) -> Steps[tuple[float, float]]:
        """Train once over the training split; each batch is the numbers of its rows."""
        model, train, score = self.model, self._train, Score(self.device)
        optimizer, scaler = self.optimizer, self.scaler
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
            scaler.step(optimizer)  # skipped if a gradient is infinite; the scale is then halved
            scaler.update()
            score.add(loss.detach() * len(rows), outputs.detach(), labels)
            yield Step(Doing.TRAINING, len(rows))
        return score.read()

    def _encode(self) -> Steps[None]:
        """Run the frozen stages over all splits; again when other parts are frozen."""
        examples = yield from encoded(self.model, self._splits, self.number_type)
        self._train, *self._measured = examples
        self._body: Callable[..., Tensor] = self._train.body  # or compiled

    def _measure(self, row: dict[str, float], doing: Doing) -> Steps[None]:
        """Add a row to the history, with the accuracy on every split but the training one."""
        self.model.eval()  # and so it stays while you look at it between epochs
        for examples in self._measured:
            loss, row[f"{examples.name}_accuracy"] = yield from measure(examples, self.number_type)
            if examples.name == VALIDATION:
                row["validation_loss"] = loss
        row["seconds"] = time.perf_counter() - self._started
        self.history.rows.append(row)
        yield Step(doing, row=row)

    def _compile_if_it_pays(self) -> None:
        if self._body is not self._train.body:
            return
        wanted = self.compiled
        if wanted is None:
            wanted = compiling_pays(self.device, self._left)
        if wanted:
            self._body = torch.compile(self._train.body)


def _check_numbers(epochs: int, batch_size: int) -> None:
    if not all(isinstance(number, Integral) and number >= 1 for number in (epochs, batch_size)):
        raise ValueError(
            f"epochs={epochs!r}, batch_size={batch_size!r}: both must be at least 1, "
            f"and whole numbers"
        )


def _with_own_randomness(steps: Iterator[Step]) -> Steps[None]:
    """Go through the steps, whose dropout neither changes nor depends on what others draw."""
    mine: tuple[Tensor, list[Tensor]] | None = None
    while True:
        with torch.random.fork_rng(devices=all_cards()):
            if mine is not None:
                torch.set_rng_state(mine[0])
                torch.cuda.set_rng_state_all(mine[1])
            step = next(steps, None)
            mine = torch.get_rng_state(), torch.cuda.get_rng_state_all()
        if step is None:
            return
        yield step
