"""The instant check of lecture 07's exercise: a training mode that leaves alone what is frozen."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import torch
from torch import Tensor

from cs826tl.networks.staging import StagedModel
from cs826tl.training.auditing import Finding, audit, snapshot
from cs826tl.training.freezing import freeze, unfreeze


def check_train_mode(yours: Callable[[StagedModel], object], model: StagedModel, x: Tensor) -> str:
    """Say whether `yours` puts a frozen model into training mode as it should, and if not, why.

    `model` has batch normalisation in its stages; `x` holds a few pictures.

    >>> from cs826tl import load_backbone, load_task, train_mode
    >>> model, task = load_backbone("small_vgg", weights="random"), load_task("digits", shots=2)
    >>> check_train_mode(lambda model: model.train(), model, task.train.inputs)
    'Not yet: block1, block2, block3 moved although frozen. Is their batch normalisation in eval()?'
    >>> check_train_mode(train_mode, model, task.train.inputs).partition(":")[0]
    'Right'
    """
    frozen = freeze(deepcopy(model)).eval()
    before = snapshot(frozen)
    yours(frozen)
    with torch.no_grad():
        frozen(x)
    found = audit(frozen, before)["verdict"]
    if moved := list(found.index[found == Finding.FROZEN_MOVED]):
        listed = ", ".join(moved)
        return f"Not yet: {listed} moved although frozen. Is their batch normalisation in eval()?"
    if not frozen.head.training:
        return "Not yet: nothing frozen moves, but the head is not in training mode either."
    awake = unfreeze(deepcopy(model)).eval()
    yours(awake)
    if not all(module.training for module in awake.modules()):
        return "Not yet: where nothing is frozen, everything must train. Look at requires_grad."
    return "Right: what is frozen stays, and what is to learn is in training mode."
