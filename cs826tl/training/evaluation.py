"""Loss and accuracy: `evaluate`, and what training measures with."""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cs826tl.data.given import Data
from cs826tl.data.tasks import Task, task_to_measure
from cs826tl.devices import (
    AUTO,
    device_of,
    mixed_precision,
    pick_device,
    pick_precision,
    place,
)
from cs826tl.networks.folding import quicker
from cs826tl.networks.staging import StagedModel, check_head, check_staged
from cs826tl.training.batches import answering, images_at_once, measured_need, run_in_batches
from cs826tl.training.codes import FIRST, Encoding
from cs826tl.training.examples import Examples, body_above, examples, prefix_to_encode


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

    Raises `ValueError` where the task's classes are not the model's, it has no head, or the split
    is empty, and
    `TypeError` for a model that is not yet staged, or data that cannot be read.

    >>> from cs826tl import load_backbone, load_task
    >>> model = load_backbone("small_vgg", weights="random")
    >>> round(evaluate(model, load_task("digits")), 1)  # it guesses one of ten
    0.1
    """
    check_staged(model)
    if head is None:
        check_head(model)
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
        self._network = nn.Sequential(body, chosen.head)
        self._examples, self._number_type = chosen, number_type
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
            first = self._forward(self._network, slice(0, FIRST))
        rows = range(len(first), len(chosen.labels))
        size = images_at_once(chosen.device, need.bytes / len(first))
        network = self._quicker(first) if len(rows) > size else self._network
        self._add(tally, slice(0, FIRST), first)
        yield
        for batch, outputs in run_in_batches(lambda b: self._forward(network, b), rows, size):
            self._add(tally, batch, outputs)
            yield
        self._result = tally.read()

    def _quicker(self, first: Tensor) -> nn.Module:
        chosen = self._examples
        with mixed_precision(chosen.device, self._number_type):
            return quicker(self._network, place(chosen.codes[:FIRST], chosen.device), first)

    def _forward(self, network: nn.Module, rows: slice) -> Tensor:
        chosen = self._examples
        with answering(chosen.device, self._number_type, network):
            outputs: Tensor = network(place(chosen.codes[rows], chosen.device))
            return outputs

    def _add(self, tally: Tally, rows: slice, outputs: Tensor) -> None:
        labels = self._examples.labels[rows].to(self._examples.device)
        loss = F.cross_entropy(outputs.float(), labels, reduction="sum")
        tally.add(loss, outputs, labels)
