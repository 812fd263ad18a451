"""What `fit` refuses before anything runs: in one sentence, with the fix."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral

import torch
from torch import nn

from cs826tl.data.tasks import Task
from cs826tl.networks.staging import StagedModel, check_head

Watched = Task | tuple[Task, nn.Module]
VALIDATION = "validation"


def check_model(model: object) -> None:
    """Raise `TypeError` for a network that is not staged, and `ValueError` for no head."""
    if not isinstance(model, StagedModel):
        raise TypeError(
            f"fit needs to know the stages of {type(model).__name__}: cut it with "
            f"networks.staged(network, classes=…, preprocess=…), then fit what you get"
        )
    check_head(model)


def check_numbers(epochs: int, batch_size: int) -> None:
    """Raise `ValueError` where one is below 1 or no whole number."""
    if not all(isinstance(number, Integral) and number >= 1 for number in (epochs, batch_size)):
        raise ValueError(
            f"epochs={epochs!r}, batch_size={batch_size!r}: both must be at least 1, "
            f"and whole numbers"
        )


def check_watch(watch: Mapping[str, Watched]) -> None:
    """Raise `ValueError` for a name that is taken, `TypeError` for what is no task by name."""
    if not isinstance(watch, Mapping):
        raise TypeError(
            f"watch is a {type(watch).__name__}: give each task a name, as in "
            f"watch={{'source': source_task}}"
        )
    for name, watched in watch.items():
        if name == VALIDATION:
            raise ValueError(
                "watch names a task 'validation', and the history has a column of this name for "
                "the task's own validation split: choose another name"
            )
        task, head = watched if isinstance(watched, tuple) else (watched, None)
        if not isinstance(task, Task) or not (head is None or isinstance(head, nn.Module)):
            raise TypeError(
                f"watch[{name!r}] is neither a Task nor (Task, head): make one with "
                f"Task.from_dataset"
            )


def check_trainable(model: StagedModel, optimizer: torch.optim.Optimizer) -> None:
    """Raise `ValueError` where nothing can be trained, or the optimizer lacks what can."""
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    trainable = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if not trainable:
        raise ValueError("every part is frozen: unfreeze(model, 'head') or more, then fit")
    lacking = [name for name, p in trainable.items() if id(p) not in held]
    if lacking:
        raise ValueError(
            f"the optimizer lacks {len(lacking)} trainable parameters ({lacking[0]}, …): build it "
            f"from param_groups(model, lr=…), which holds them all"
        )
