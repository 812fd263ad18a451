"""`evaluate`, and what training measures with: a split with its frozen stages already run."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cs826tl.data.tasks import Task
from cs826tl.devices import device_of, forward_batch, keep, mixed_precision, place
from cs826tl.networks.folding import quicker
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import codes_fit, drain, encoding_steps, frozen_prefix
from cs826tl.training.history import Step


def evaluate(
    model: StagedModel, task: Task, split: str = "test", *, head: nn.Module | None = None
) -> float:
    """Return the accuracy, 0 to 1, on a split of the task; `head` takes the place of the model's.

    The pitfall: to choose between models on `test` is to learn the test by heart. Choose on
    `validation`. Raises `ValueError` where the task's classes are not the model's.

    >>> from cs826tl import load_backbone, load_task
    >>> 0 <= evaluate(load_backbone("small_vgg", weights="random"), load_task("digits")) <= 1
    True
    """
    stages = prefix_to_encode(model, task.split(split).inputs)
    encoded = drain(encode_split(model, task, split, stages, head))
    _, accuracy = drain(_measure(body_above(model, stages), encoded))
    return accuracy


@dataclass(frozen=True, eq=False)
class Encoded:
    """A split with its frozen stages already run: what training and measuring go on from.

    On a CUDA card all of it lies there, where it has room.
    """

    codes: Tensor
    labels: Tensor
    inputs: Tensor
    head: nn.Module


def prefix_to_encode(model: StagedModel, inputs: Tensor) -> int:
    """Return how many stages are run once, for codes: the frozen ones, if the codes fit."""
    return frozen_prefix(model) if codes_fit(model, inputs) else 0


def encode_split(
    model: StagedModel, task: Task, split: str, stages: int, head: nn.Module | None = None
) -> Generator[Step, None, Encoded]:
    """Run the first `stages` stages over the split, step by step, and return it encoded."""
    part, labels = task.split(split), task.split(split).labels
    if head is None:
        labels = model_labels(model, task)[labels]
    encoding = encoding_steps(model, part.inputs, stages)
    while True:
        try:
            yield Step(f"codes of {task.name}", next(encoding))
        except StopIteration as end:
            device = device_of(model)
            there = (head or model.head).to(device)  # a head of one's own may not be
            codes = keep(end.value, device)
            inputs = codes if stages == 0 else keep(part.inputs, device)
            return Encoded(codes, labels.to(codes.device), inputs, there)


def body_above(model: StagedModel, stages: int) -> nn.Sequential:
    """Return what is left to run between the codes and the head."""
    rest = list(model.stages)[stages:]
    return nn.Sequential(*rest) if stages else nn.Sequential(model.preprocess, *rest)


def measure(
    body: nn.Module, measured: Mapping[str, Encoded]
) -> Generator[Step, None, dict[str, float]]:
    """Return the accuracy on each encoded split by name, and the loss on validation."""
    row: dict[str, float] = {}
    for name, encoded in measured.items():
        loss, row[f"{name}_accuracy"] = yield from _measure(body, encoded)
        if name == "validation":
            row["validation_loss"] = loss
    return row


@torch.no_grad()
def _measure(body: nn.Module, encoded: Encoded) -> Generator[Step, None, tuple[float, float]]:
    """Return mean loss and accuracy in evaluation mode."""
    device = device_of(encoded.head)
    batch_size = forward_batch(device)
    body.eval(), encoded.head.eval()
    sums = torch.zeros(2, device=device)
    run = body
    batches = zip(encoded.codes.split(batch_size), encoded.labels.split(batch_size), strict=True)
    for k, (codes, labels) in enumerate(batches):
        x, y = place(codes, device), labels.to(device)
        with mixed_precision(device):
            features = run(x)
            outputs = encoded.head(features)
        if k == 0 and len(encoded.codes) > batch_size:
            run = quicker(body, x[:2], features[:2])
        loss = F.cross_entropy(outputs.float(), y, reduction="sum")
        sums += torch.stack([loss, (outputs.argmax(1) == y).sum()])
        yield Step("measuring")
    mean_loss, accuracy = (sums / len(encoded.labels)).tolist()
    return mean_loss, accuracy


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
