"""Where tasks pull the stages they share: the same way, or against each other [C04]."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from cs826tl._errors import unknown
from cs826tl.data.tasks import Split, Task
from cs826tl.devices import device_of, place
from cs826tl.networks.staging import StagedModel
from cs826tl.training.freezing import train_mode


def shared_gradient(model: StagedModel, split: Split) -> Tensor:
    """Return the gradient of the loss on a split, taken as one batch, in the trainable stages.

    One vector, in the order of `model.stages.parameters()`. The model stays as it is, its batch
    normalisation too.

    Raises `ValueError` if all stages are frozen.

    >>> from cs826tl import load_backbone, load_task
    >>> split = load_task("digits", shots=2).train
    >>> shared_gradient(load_backbone("small_vgg", weights="random"), split).dim()
    1
    """
    device = device_of(model)
    model = deepcopy(model).to(device)
    train_mode(model)
    shared = [p for p in model.stages.parameters() if p.requires_grad]
    if not shared:
        raise ValueError("all stages are frozen, so no task moves them: unfreeze(model) first")
    with torch.enable_grad():
        loss = F.cross_entropy(model(place(split.inputs, device)), split.labels.to(device))
        gradients = torch.autograd.grad(loss, shared)
    return torch.cat([gradient.flatten() for gradient in gradients])


def gradient_cosines(
    models: Mapping[str, StagedModel],
    tasks: Mapping[str, Task],
    *,
    images: int = 128,
    seed: int = 0,
) -> pd.DataFrame:
    """Return, for each pair of tasks, the cosine between their gradients in the shared stages.

    1: they pull the same way; 0: neither is in the other's; below 0: what helps one task hurts
    the other, a conflict (Yu et al. 2020, arXiv:2001.06782). `images` are drawn by `seed` from the
    training splits, the same for tasks that ask about the same pictures. The pitfall: one batch
    tells little; average over several.

    Raises as `shared_gradient` does, and `ValueError` if a model has no task.

    >>> from cs826tl import load_backbone, load_task
    >>> from cs826tl.methods.multitask import with_heads
    >>> tasks = {name: load_task(name) for name in ("digits_0_4", "digits_5_9")}
    >>> models = with_heads(load_backbone("small_vgg", weights="random"), tasks)
    >>> gradient_cosines(models, tasks).round(3).to_numpy().diagonal().tolist()
    [1.0, 1.0]
    """
    gradients = []
    for name, model in models.items():
        if name not in tasks:
            raise unknown("task", name, tasks)
        train = tasks[name].train
        rows = torch.randperm(len(train), generator=torch.Generator().manual_seed(seed))[:images]
        gradients.append(shared_gradient(model, train[rows]))
    unit = F.normalize(torch.stack(gradients), dim=1)
    return pd.DataFrame((unit @ unit.T).tolist(), index=list(models), columns=list(models))
