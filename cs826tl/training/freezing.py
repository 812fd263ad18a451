"""Freeze and unfreeze stages so that nothing moves that should not, and audit that it did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from torch import Tensor, nn

from cs826tl._errors import unknown
from cs826tl.networks.staging import StagedModel

FROZEN, TRAINABLE = "frozen", "trainable"


def freeze(model: StagedModel, *stages: str, through: str | None = None) -> StagedModel:
    """Freeze the named stages, or every stage from the first `through` the named one.

    `freeze(model)` freezes every stage and leaves the head: a fixed feature extractor [C07].

    The pitfall it takes away: a frozen weight that keeps an old gradient still moves, through
    momentum and weight decay. So the gradients are dropped too. Batch normalisation is kept still
    by `train_mode`, which `fit` calls.

    Raises `ValueError` listing the stages where a name is not among them.

    >>> from cs826tl import load_backbone
    >>> model = freeze(load_backbone("small_vgg", weights="random"), through="block2")
    >>> frozen_stages(model)
    ('block1', 'block2')
    """
    names = list(model.parts)
    if not stages and through is None:
        through = names[-2]
    if through is not None:
        stages = (*stages, *names[: _position(model, through) + 1])
    return _set_trainable(model, stages, False)


def unfreeze(model: StagedModel, *stages: str, down_to: str | None = None) -> StagedModel:
    """Unfreeze the named stages, or every part from the head `down_to` the named one.

    `unfreeze(model)` unfreezes everything. Raises as `freeze` does.

    >>> from cs826tl import load_backbone
    >>> model = freeze(load_backbone("small_vgg", weights="random"))
    >>> frozen_stages(unfreeze(model, down_to="block3"))
    ('block1', 'block2')
    """
    names = list(model.parts)
    if not stages and down_to is None:
        down_to = names[0]
    if down_to is not None:
        stages = (*stages, *names[_position(model, down_to) :])
    return _set_trainable(model, stages, True)


def frozen_stages(model: StagedModel) -> tuple[str, ...]:
    """Return the names of the parts in which no parameter can be trained."""
    return tuple(name for name, part in model.parts.items() if _is_frozen(part))


def train_mode(model: nn.Module) -> nn.Module:
    """Switch to training mode, but keep every wholly frozen part in evaluation mode.

    The pitfall it takes away: `model.train()` lets frozen batch normalisation go on updating its
    running statistics, and turns on dropout in frozen layers.

    >>> from cs826tl import load_backbone
    >>> model = train_mode(freeze(load_backbone("small_vgg", weights="random")))
    >>> model.stages.block1.training, model.head.training
    (False, True)
    """
    if any(True for _ in model.parameters()) and _is_frozen(model):
        return model.eval()
    model.training = True
    for child in model.children():
        train_mode(child)
    return model


def param_groups(model: StagedModel, lr: float | Mapping[str, float]) -> list[dict[str, Any]]:
    """Return one optimizer group a part, each with its name and its own learning rate.

    All parameters are in, frozen ones too (without a gradient an optimizer skips them): so nothing
    is missing from the optimizer when a stage is unfrozen later. `lr` is one rate for all, or a
    rate for every part by name.

    Raises `ValueError` where a part has no rate, or a rate no part.

    >>> from cs826tl import load_backbone
    >>> groups = param_groups(load_backbone("small_vgg", weights="random"), lr=1e-3)
    >>> [group["name"] for group in groups]
    ['block1', 'block2', 'block3', 'fc', 'head']
    """
    rates = lr if isinstance(lr, Mapping) else dict.fromkeys(model.parts, lr)
    if rates.keys() != model.parts.keys():
        raise ValueError(f"lr names {list(rates)}, the model has {list(model.parts)}")
    return [
        {"name": name, "params": list(part.parameters()), "lr": rates[name]}
        for name, part in model.parts.items()
        if any(True for _ in part.parameters())
    ]


def trainable_table(model: StagedModel) -> pd.DataFrame:
    """Return a table of the parts: frozen or trainable, and how many parameters of how many.

    >>> from cs826tl import load_backbone
    >>> model = freeze(load_backbone("small_vgg", weights="random"))
    >>> trainable_table(model)["trainable parameters"].tolist()
    [0, 0, 0, 0, 1290]
    """
    rows = {
        name: (
            FROZEN if _is_frozen(part) else TRAINABLE,
            sum(p.numel() for p in part.parameters() if p.requires_grad),
            sum(p.numel() for p in part.parameters()),
        )
        for name, part in model.parts.items()
    }
    columns = ["state", "trainable parameters", "parameters"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("stage")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What a model was before training: every parameter and buffer, and what was frozen."""

    tensors: dict[str, Tensor]
    frozen: tuple[str, ...]


def snapshot(model: StagedModel) -> Snapshot:
    """Copy the model's parameters and buffers for `audit`. Costs the model's memory once more."""
    tensors = {name: t.detach().cpu().clone() for name, t in _part_tensors(model)}
    return Snapshot(tensors, frozen_stages(model))


def audit(model: StagedModel, before: Snapshot) -> pd.DataFrame:
    """Compare every parameter and buffer with the snapshot, and say of each part what moved.

    The columns: what was claimed, how many parameter tensors and buffers moved of how many, the
    largest change of a parameter, and the verdict. Only a part claimed frozen can be found out: a
    trainable one may stay where it is.

    Raises `ValueError` where the snapshot is of another model.

    >>> import torch
    >>> from cs826tl import load_backbone
    >>> model = freeze(load_backbone("small_vgg", weights="random"))
    >>> before = snapshot(model)
    >>> _ = model.train()(torch.zeros(4, 1, 28, 28, dtype=torch.uint8))
    >>> audit(model, before)["verdict"]["block1"]
    'claimed frozen, in fact moved'
    """
    after = dict(_part_tensors(model))
    if after.keys() != before.tensors.keys():
        raise ValueError("the snapshot is of another model: take one with snapshot(model)")
    change = {name: _largest_change(t, before.tensors[name]) for name, t in after.items()}
    rows = {part: _audit_row(model, part, change, part in before.frozen) for part in model.parts}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("stage")


def _audit_row(
    model: StagedModel, part: str, change: dict[str, float], claimed_frozen: bool
) -> dict[str, object]:
    parameters = [change[f"{part}.{n}"] for n, _ in model.parts[part].named_parameters()]
    buffers = [change[f"{part}.{n}"] for n, _ in model.parts[part].named_buffers()]
    moved = max(parameters + buffers, default=0.0) > 0
    if claimed_frozen:
        verdict = "claimed frozen, in fact moved" if moved else "frozen, did not move"
    else:
        verdict = "trainable, moved" if moved else "trainable, did not move"
    return {
        "claimed": FROZEN if claimed_frozen else TRAINABLE,
        "parameters moved": f"{sum(c > 0 for c in parameters)} of {len(parameters)}",
        "buffers moved": f"{sum(c > 0 for c in buffers)} of {len(buffers)}",
        "largest change": max(parameters, default=0.0),
        "verdict": verdict,
    }


def _largest_change(now: Tensor, then: Tensor) -> float:
    difference = (now.detach().cpu().double() - then.double()).abs()
    return float(difference.nan_to_num(nan=float("inf")).max()) if difference.numel() else 0.0


def _part_tensors(model: StagedModel) -> list[tuple[str, Tensor]]:
    """All parameters and buffers, named by part."""
    return [
        (f"{part}.{name}", tensor)
        for part, module in model.parts.items()
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]
    ]


def _is_frozen(module: nn.Module) -> bool:
    return not any(p.requires_grad for p in module.parameters())


def _position(model: StagedModel, stage: str) -> int:
    names = list(model.parts)
    if stage not in names:
        raise unknown("stage", stage, names)
    return names.index(stage)


def _set_trainable(model: StagedModel, stages: tuple[str, ...], trainable: bool) -> StagedModel:
    for stage in stages:
        _position(model, stage)
    for stage in stages:
        for parameter in model.parts[stage].parameters():
            parameter.requires_grad = trainable
            if not trainable:
                parameter.grad = None
    return model
