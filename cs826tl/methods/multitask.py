"""Several tasks learnt together over one shared representation [C04]."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from cs826tl.data.tasks import Task
from cs826tl.methods.forgetting import Replay
from cs826tl.networks.heads import with_head
from cs826tl.networks.staging import StagedModel
from cs826tl.training.fitting import fit
from cs826tl.training.history import History
from cs826tl.training.loop import LR
from cs826tl.training.optimizers import param_groups

__all__ = ["fit_together", "joint_optimizer", "with_bottleneck", "with_heads"]


def with_heads(
    backbone: StagedModel, tasks: Mapping[str, Task], *, seed: int = 0
) -> dict[str, StagedModel]:
    """Return a model for each task: a new head of its own, over stages that all of them share.

    The stages are a copy of the backbone's, and the same objects in every model: what one task
    learns in them, freezes or forgets, all of them do. `seed` draws the heads.

    Raises `ValueError` without any task.

    >>> from cs826tl import load_backbone, load_task
    >>> tasks = {name: load_task(name) for name in ("digits_0_4", "digits_5_9")}
    >>> low, high = with_heads(load_backbone("small_vgg", weights="random"), tasks).values()
    >>> low.stages is high.stages, low.head is high.head
    (True, False)
    """
    if not tasks:
        raise ValueError("there are no tasks: give one or more, by name")
    models = {
        name: with_head(backbone, task.classes, seed=seed + k)
        for k, (name, task) in enumerate(tasks.items())
    }
    first = next(iter(models.values()))
    for model in models.values():
        model.preprocess, model.stages = first.preprocess, first.stages
    return models


def with_bottleneck(backbone: StagedModel, width: int, *, seed: int = 0) -> StagedModel:
    """Return a copy of the backbone whose heads see only `width` numbers.

    A linear stage `bottleneck` is added after the last one, and a head for the backbone's classes,
    both new and drawn by `seed`: the shared representation with less capacity.

    Raises `ValueError` for less than one number, or a head that is not one linear layer.

    >>> from cs826tl import load_backbone
    >>> with_bottleneck(load_backbone("small_vgg", weights="random"), 3).head
    Linear(in_features=3, out_features=10, bias=True)
    """
    if width < 1:
        raise ValueError(f"width={width}: a head needs one number or more")
    model = with_head(backbone, backbone.classes, seed=seed)
    if not isinstance(model.head, nn.Linear):
        raise ValueError(
            f"{backbone.title} is not scored by one linear layer on one vector an image: choose a "
            f"network that is, such as efficientnet_lite0"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model.stages.add_module("bottleneck", nn.Linear(model.head.in_features, width))
        model.head = nn.Linear(width, len(model.classes))
    return model


def fit_together(
    models: Mapping[str, StagedModel],
    tasks: Mapping[str, Task],
    *,
    weights: Mapping[str, float] | None = None,
    epochs: int = 5,
    lr: float = LR,
    batch_size: int = 32,
    optimizer: torch.optim.Optimizer | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: bool = True,
) -> History:
    """Train the models of `with_heads` on all tasks at once (Caruana 1997).

    Every step takes a batch of each task and follows the sum of their losses, weighted; only the
    ratio of the weights counts. An epoch is one pass over the task with the most training examples,
    and the other tasks' examples are drawn as often as needed. The history has one `NAME_accuracy`
    for each task, on its validation split. The optimizer is `joint_optimizer` at the rate `lr`,
    unless you bring your own; `batch_size`, `seed`, `device` and `progress` are as in `fit`. Raises
    as `fit` does, and `ValueError` if models, tasks and weights have other names, a weight is not
    above 0, or the models do not share their stages (doi:10.1023/A:1007379606734).

    >>> from cs826tl import load_backbone, load_task
    >>> tasks = {name: load_task(name) for name in ("digits_0_4", "digits_5_9")}
    >>> models = with_heads(load_backbone("small_vgg", weights="random"), tasks)
    >>> fit_together(models, tasks, epochs=2)["digits_5_9_accuracy"][-1] > 0.5
    True
    """
    weights = dict.fromkeys(tasks, 1.0) if weights is None else weights
    _check(models, tasks, weights)
    lead, *others = sorted(tasks, key=lambda name: -len(tasks[name].train))
    # rehearsal of another task in every batch, only that here it begins on the first day
    rehearsals = [
        Replay(
            tasks[name], strength=weights[name] / weights[lead], images=batch_size,
            head=models[name].head, seed=seed + k,
        )
        for k, name in enumerate(others)
    ]  # fmt: skip

    def penalty(model: StagedModel, inputs: Tensor, outputs: Tensor) -> Tensor:
        return torch.stack([rehearse(model, inputs, outputs) for rehearse in rehearsals]).sum()

    history = fit(
        models[lead], tasks[lead], epochs=epochs, batch_size=batch_size, seed=seed, device=device,
        optimizer=optimizer or joint_optimizer(models, lr), penalty=penalty if others else None,
        watch={name: (tasks[name], models[name].head) for name in others}, progress=progress,
    )  # fmt: skip
    for row in history.rows:
        row[f"{lead}_accuracy"] = row["validation_accuracy"]
    return history


def joint_optimizer(models: Mapping[str, StagedModel], lr: float = LR) -> torch.optim.Optimizer:
    """Return AdamW over the shared stages, once, and every task's head.

    `lr` is the rate of all of them. Pass it to `fit_together` if you train epoch by epoch: a new
    one would forget its momentum.

    >>> from cs826tl import load_backbone, load_task
    >>> backbone = load_backbone("small_vgg", weights="random")
    >>> models = with_heads(backbone, {"low": load_task("digits_0_4"), "all": load_task("digits")})
    >>> [group["name"] for group in joint_optimizer(models).param_groups][-3:]
    ['fc', 'head', 'head of all']
    """
    first, *others = models
    heads = (
        {"name": f"head of {name}", "params": list(models[name].head.parameters()), "lr": lr}
        for name in others
    )
    return torch.optim.AdamW([*param_groups(models[first], lr), *heads], fused=True)


def _check(
    models: Mapping[str, StagedModel], tasks: Mapping[str, Task], weights: Mapping[str, float]
) -> None:
    if not models.keys() == tasks.keys() == weights.keys():
        raise ValueError(
            f"models are named {list(models)}, tasks {list(tasks)}, weights {list(weights)}; "
            f"give one of each by the same names"
        )
    if light := [name for name, weight in weights.items() if not weight > 0]:
        raise ValueError(f"the weight of {light[0]!r} is {weights[light[0]]}; it must be above 0")
    if len({id(model.stages) for model in models.values()}) != 1:
        raise ValueError(
            "the models do not share their stages: make them with with_heads(backbone, tasks)"
        )
