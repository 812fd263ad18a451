"""Loss and accuracy: `evaluate`, and what training measures with."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cs826tl.data.given import Data
from cs826tl.data.tasks import Task, task_to_measure
from cs826tl.devices import AUTO, device_of, pick_device, pick_precision
from cs826tl.networks.staging import StagedModel, check_head, check_staged
from cs826tl.training.batches import forward
from cs826tl.training.examples import Examples, encoded, labelled
from cs826tl.training.history import Doing, Step, Steps, finish


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
    `Task.from_dataset`): then all of it is measured. `device` and `precision` are as in `fit`.
    Every part of the model keeps its mode.

    The pitfall: the default is for the one number at the end. To choose between models on `test`
    is to learn the test by heart: choose on `validation`.

    Raises `ValueError` if the task's classes are not the model's, it has no head, or the split is
    empty, and `TypeError` for a model that is not yet staged, or data that cannot be read.

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
    _, accuracy = measured(model, task, split, head=head, precision=precision)
    return accuracy


def measured(
    model: StagedModel,
    task: Task,
    split: str,
    *,
    head: nn.Module | None = None,
    precision: str = AUTO,
) -> tuple[float, float]:
    """Return loss and accuracy of the model, where it is, on a split. Raises as `evaluate` does."""
    number_type = pick_precision(device_of(model), precision)
    chosen = labelled(model, task, split, head)
    (examples,) = finish(encoded(model, [chosen], number_type))
    return finish(measure(examples, number_type))


def measure(examples: Examples, number_type: torch.dtype) -> Steps[tuple[float, float]]:
    """Return the mean cross-entropy, in nats, and the share of right answers, 0 to 1.

    Every module is back in its own mode after each step.
    """
    device, score = examples.device, Score(examples.device)
    network = nn.Sequential(examples.body, examples.head)
    for rows, outputs in forward(network, examples.codes, device, number_type):
        labels = examples.labels[rows].to(device)
        score.add(F.cross_entropy(outputs.float(), labels, reduction="sum"), outputs, labels)
        yield Step(Doing.MEASURING)
    return score.read()


class Score:
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
