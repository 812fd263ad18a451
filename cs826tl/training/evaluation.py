"""`evaluate`, and what training measures with: examples whose frozen stages have run already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cs826tl.data.given import Data
from cs826tl.data.tasks import Task, task_to_measure
from cs826tl.devices import (
    AUTO,
    device_of,
    keep,
    mixed_precision,
    pick_device,
    pick_precision,
    place,
)
from cs826tl.networks.folding import quicker
from cs826tl.networks.staging import StagedModel
from cs826tl.training.batches import answering, images_at_once, measured_need, run_in_batches
from cs826tl.training.codes import FIRST, Encoding, codes_fit, frozen_prefix


def evaluate(
    model: StagedModel,
    task: Task | Data,
    split: str = "test",
    *,
    head: nn.Module | None = None,
    device: str = AUTO,
    precision: str = AUTO,
) -> float:
    """Return the accuracy, 0 to 1, on a split of the task; `head` takes the place of the model's.

    Instead of a task, give `(inputs, labels)` or a `torch.utils.data.Dataset` (see
    `Task.from_dataset`): then all of it is measured. Every part of the model keeps its mode.

    The pitfall: to choose between models on `test` is to learn the test by heart. Choose on
    `validation`.

    Raises `ValueError` where the task's classes are not the model's, or the split is empty.

    >>> from cs826tl import load_backbone, load_task
    >>> model = load_backbone("small_vgg", weights="random")
    >>> round(evaluate(model, load_task("digits")), 1)  # it guesses one of ten
    0.1
    """
    task = task_to_measure(task, model.classes)
    model.to(pick_device(device))
    return measured(model, task, split, head=head, precision=precision).accuracy


def measured(
    model: StagedModel,
    task: Task,
    split: str,
    *,
    head: nn.Module | None = None,
    precision: str = AUTO,
) -> Measuring:
    """Return loss and accuracy of the model, where it is, on a split. Raises as `evaluate` does."""
    number_type = pick_precision(device_of(model), precision)
    chosen = examples(model, task, split, head)
    stages = prefix_to_encode(model, chosen.inputs)
    codes = Encoding(model, chosen.inputs, stages, precision).codes
    return Measuring(body_above(model, stages), chosen.with_codes(codes), number_type)


@dataclass(frozen=True, eq=False)
class Examples:
    """A split with labels that index the outputs of `head`; `codes` are the inputs, or of them.

    On a CUDA card all of it is there, if it has room.
    """

    inputs: Tensor
    labels: Tensor
    head: nn.Module
    device: torch.device
    codes: Tensor

    def with_codes(self, codes: Tensor) -> Examples:
        """Return the examples with the codes that the frozen stages gave for their inputs."""
        kept = keep(codes, self.device)
        inputs = kept if codes is self.inputs else keep(self.inputs, self.device)
        head = self.head.to(self.device)  # a head of one's own may be elsewhere
        return replace(
            self, inputs=inputs, labels=self.labels.to(kept.device), head=head, codes=kept
        )


def examples(model: StagedModel, task: Task, split: str, head: nn.Module | None = None) -> Examples:
    """Return a split as the model sees it; nothing has run yet.

    Raises `ValueError` where the split is empty or not what the model preprocesses, or where the
    model has no output for a class.
    """
    part = task.split(split)
    if len(part) == 0:
        raise ValueError(f"task {task.name!r} has no {split} examples: give it some, or another")
    labels = part.labels if head is not None else model_labels(model, task)[part.labels]
    device = device_of(model)
    with torch.no_grad():
        model.preprocess(part.inputs[:1].to(device))  # refuses here what it would refuse later
    return Examples(part.inputs, labels, head or model.head, device, part.inputs)


def prefix_to_encode(model: StagedModel, inputs: Tensor) -> int:
    """Return how many stages are run once, for codes: the frozen ones, if the codes fit."""
    return frozen_prefix(model) if codes_fit(model, inputs) else 0


def body_above(model: StagedModel, stages: int) -> nn.Sequential:
    """Return what is left to run between the codes and the head."""
    rest = list(model.stages)[stages:]
    return nn.Sequential(*rest) if stages else nn.Sequential(model.preprocess, *rest)


class Tally:
    """The loss and the accuracy over the examples so far.

    The sums stay on the device until they are read, since reading makes the host wait for it.
    """

    def __init__(self, device: torch.device) -> None:
        self._sums = torch.zeros(2, device=device)
        self._examples = 0

    def add(self, loss_sum: Tensor, outputs: Tensor, labels: Tensor) -> None:
        """Add a batch: the sum of its losses, its outputs and its labels."""
        right = (outputs.argmax(1) == labels).sum()
        self._sums += torch.stack([loss_sum, right])
        self._examples += len(labels)

    def read(self) -> tuple[float, float]:
        """Return the mean loss and the accuracy."""
        loss, accuracy = (self._sums / self._examples).tolist()
        return loss, accuracy


class Measuring:
    """Loss and accuracy in evaluation mode: iterate over it, or just read them.

    It yields after each batch. Every module is back in its own mode whenever it does.
    """

    def __init__(self, body: nn.Module, chosen: Examples, number_type: torch.dtype) -> None:
        self._body, self._examples, self._number_type = body, chosen, number_type
        self._result: tuple[float, float] | None = None

    @property
    def loss(self) -> float:
        """The mean cross-entropy, in nats."""
        return self._read()[0]

    @property
    def accuracy(self) -> float:
        """The share of right answers, 0 to 1."""
        return self._read()[1]

    def _read(self) -> tuple[float, float]:
        for _ in self:  # what has not run yet
            pass
        assert self._result is not None
        return self._result

    def __iter__(self) -> Iterator[None]:
        if self._result is not None:
            return
        chosen, tally = self._examples, Tally(self._examples.device)
        with measured_need() as need:
            first = self._forward(self._body, slice(0, FIRST))
        rows = range(len(first), len(chosen.labels))
        size = images_at_once(chosen.device, need.bytes / len(first))
        body = self._quicker_body(first) if len(rows) > size else self._body
        self._add(tally, slice(0, FIRST), first)
        yield
        for batch, features in run_in_batches(lambda b: self._forward(body, b), rows, size):
            self._add(tally, batch, features)
            yield
        self._result = tally.read()

    def _quicker_body(self, first: Tensor) -> nn.Module:
        chosen = self._examples
        with mixed_precision(chosen.device, self._number_type):
            return quicker(self._body, place(chosen.codes[:FIRST], chosen.device), first)

    def _forward(self, body: nn.Module, rows: slice) -> Tensor:
        chosen = self._examples
        with answering(chosen.device, self._number_type, body):
            features: Tensor = body(place(chosen.codes[rows], chosen.device))
            return features

    def _add(self, tally: Tally, rows: slice, features: Tensor) -> None:
        chosen = self._examples
        labels = chosen.labels[rows].to(chosen.device)
        with answering(chosen.device, self._number_type, chosen.head):
            outputs = chosen.head(features).float()
            tally.add(F.cross_entropy(outputs, labels, reduction="sum"), outputs, labels)


def model_labels(model: StagedModel, task: Task) -> Tensor:
    """Return, for each class of the task, its place among the model's classes.

    Raises `ValueError` where the model has no output for one.
    """
    missing = [name for name in task.classes if name not in model.classes]
    if missing:
        raise ValueError(
            f"the model has no output for {', '.join(missing[:5])} of task {task.name!r}; give it "
            f"a head with with_head(backbone, task.classes), or watch the task with its own head"
        )
    return torch.tensor([model.classes.index(name) for name in task.classes])
