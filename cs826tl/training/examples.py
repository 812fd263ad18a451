"""A split as a model sees it: labels that are its own, and codes in place of its frozen stages."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from cs826tl.data.tasks import Task
from cs826tl.devices import device_of
from cs826tl.memory import keep
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import codes_fit, frozen_prefix


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

    Raises `ValueError` if the split is empty or not what the model preprocesses, or if the
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


def model_labels(model: StagedModel, task: Task) -> Tensor:
    """Return, for each class of the task, its place among the model's classes.

    Raises `ValueError` if the model has no output for one.
    """
    missing = [name for name in task.classes if name not in model.classes]
    if missing:
        raise ValueError(
            f"the model has no output for {', '.join(missing[:5])} of task {task.name!r}; give it "
            f"a head with with_head(backbone, task.classes), or watch the task with its own head"
        )
    return torch.tensor([model.classes.index(name) for name in task.classes])
