"""What a model is trained and measured on: codes of its frozen stages, or the inputs themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cs826tl.data.tasks import Task
from cs826tl.devices import device_of
from cs826tl.memory import keep
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import run_stages, stages_to_run_once
from cs826tl.training.history import Steps

TRAIN, VALIDATION = "train", "validation"
Watched = Task | tuple[Task, nn.Module]


@dataclass(frozen=True, eq=False)
class LabelledSplit:
    """A split whose labels index the outputs of a head; nothing has run yet."""

    name: str
    inputs: Tensor
    labels: Tensor
    head: nn.Module


@dataclass(frozen=True, eq=False)
class Examples(LabelledSplit):
    """A split to train or to measure on: `body`, then `head`, is what is left to run on `codes`.

    The codes are those of the stages that run once, or the inputs where none does. On a CUDA card
    all of it is there, if it has room; a batch goes to `device`.
    """

    codes: Tensor
    body: nn.Module
    device: torch.device


def labelled(
    model: StagedModel,
    task: Task,
    split: str,
    head: nn.Module | None = None,
    name: str | None = None,
) -> LabelledSplit:
    """Return a split as the model, or a head of its own, names the classes.

    Raises `ValueError` if the split is empty or not what the model preprocesses, or if the
    model has no output for a class.
    """
    part = task.split(split)
    if len(part) == 0:
        raise ValueError(f"task {task.name!r} has no {split} examples: give it some, or another")
    labels = part.labels if head is not None else _outputs(model, task)[part.labels]
    with torch.no_grad():  # refuses here what it would refuse later
        model.preprocess(part.inputs[:1].to(device_of(model)))
    return LabelledSplit(split if name is None else name, part.inputs, labels, head or model.head)


def labelled_splits(
    model: StagedModel, task: Task, watch: Mapping[str, Watched]
) -> list[LabelledSplit]:
    """Return the task's training and validation split, and the validation splits of those watched.

    Raises as `labelled` does, `ValueError` for a name that is taken, and `TypeError` for what is no
    task by name.
    """
    if not isinstance(watch, Mapping):
        raise TypeError(
            f"watch is a {type(watch).__name__}: give each task a name, as in "
            f"watch={{'source': source_task}}"
        )
    splits = [labelled(model, task, TRAIN), labelled(model, task, VALIDATION)]
    for name, given in watch.items():
        if name == VALIDATION:
            raise ValueError(
                "watch names a task 'validation', and the history has a column of this name for "
                "the task's own validation split: choose another name"
            )
        watched, head = given if isinstance(given, tuple) else (given, None)
        if not isinstance(watched, Task) or not (head is None or isinstance(head, nn.Module)):
            raise TypeError(
                f"watch[{name!r}] is neither a Task nor (Task, head): make one with "
                f"Task.from_dataset"
            )
        splits.append(labelled(model, watched, VALIDATION, head, name))
    return splits


def encoded(
    model: StagedModel, splits: Sequence[LabelledSplit], number_type: torch.dtype
) -> Steps[list[Examples]]:
    """Run the frozen stages over the splits, once, if there is room for the codes of the first."""
    device = device_of(model)
    stages = stages_to_run_once(model, splits[0].inputs)
    rest = list(model.stages)[stages:]
    body = nn.Sequential(*rest) if stages else nn.Sequential(model.preprocess, *rest)
    examples = []
    for split in splits:
        codes = yield from run_stages(model, split.inputs, stages, number_type)
        kept = keep(codes, device)
        inputs = kept if codes is split.inputs else keep(split.inputs, device)
        labels = split.labels.to(kept.device)
        head = split.head.to(device)  # a head of one's own may be elsewhere
        examples.append(Examples(split.name, inputs, labels, head, kept, body, device))
    return examples


def _outputs(model: StagedModel, task: Task) -> Tensor:
    """Return, for each class of the task, its place among the model's classes."""
    # a vocabulary has tens of thousands; of two with one name the first counts
    places = {name: k for k, name in reversed(list(enumerate(model.classes)))}
    missing = [name for name in task.classes if name not in places]
    if missing:
        raise ValueError(
            f"the model has no output for {', '.join(missing[:5])} of task {task.name!r}; give it "
            f"a head with with_head(backbone, task.classes), or watch the task with its own head"
        )
    return torch.tensor([places[name] for name in task.classes])
