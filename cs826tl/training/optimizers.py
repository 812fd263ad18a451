"""The optimizer: a group for each part of the network, and gradients that float16 can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

import torch
from torch import nn
from torch.amp import GradScaler

from cs826tl.networks.named_parts import parts
from cs826tl.training.freezing import State, state_of

LOWEST_SCALE = 1.0  # the scaler begins at 65536; below 1 it would scale down


def param_groups(model: nn.Module, lr: float | Mapping[str, float]) -> list[dict[str, Any]]:
    """Return one optimizer group per part of the model, each with its name and its learning rate.

    Frozen parameters are included (an optimizer skips what has no gradient), so none is missing
    from the optimizer when a stage is unfrozen later. A parameter that two parts share is in the
    group of the first. `lr` is one rate for all, or a rate for every part by name.

    Raises `ValueError` if a part has no rate or a rate no part, if a rate is not a number of
    0 or more, or if parts that share a parameter have different rates.

    >>> from cs826tl import load_backbone
    >>> groups = param_groups(load_backbone("small_vgg", weights="random"), lr=1e-3)
    >>> [group["name"] for group in groups]
    ['block1', 'block2', 'block3', 'fc', 'head']
    """
    rates = _checked_rates(model, lr)
    owners: dict[int, str] = {}
    groups = []
    for name, part in parts(model).items():
        own = [p for p in part.parameters() if owners.setdefault(id(p), name) == name]
        for owner in {owners[id(p)] for p in part.parameters()}:
            if rates[owner] != rates[name]:
                raise ValueError(f"{owner} and {name} share a parameter: give both the same rate")
        if own:
            groups.append({"name": name, "params": own, "lr": rates[name]})
    return groups


def adamw(
    model: nn.Module, lr: float | Mapping[str, float], *, all_parts: bool
) -> torch.optim.Optimizer:
    """Return AdamW in one kernel per step, over all parts, or only over those not frozen now."""
    groups = param_groups(model, lr)
    trained = [g for g in groups if any(p.requires_grad for p in g["params"])]
    # every device that `pick_device` picks has the fused kernel
    return torch.optim.AdamW(groups if all_parts or not trained else trained, fused=True)


def check_trainable(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
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


def gradient_scaler(device: torch.device, number_type: torch.dtype) -> GradScaler:
    """Return a scaler that is at work in float16; other types hold small gradients without it.

    >>> gradient_scaler(torch.device("cpu"), torch.bfloat16).is_enabled()
    False
    """
    return GradScaler(device.type, enabled=number_type is torch.float16)


def why_to_stop(loss: float, scaler: GradScaler) -> str:
    """Return the reason to stop after an epoch of this mean loss, if there is one.

    A skipped step is none: the scaler tries a scale, and takes half of it for the next step.

    >>> why_to_stop(float("nan"), GradScaler("cpu", enabled=False))
    'the loss is nan; try a smaller lr'
    """
    half = scaler.is_enabled()
    if not math.isfinite(loss):
        fix = "precision='float32', or a smaller lr" if half else "a smaller lr"
        return f"the loss is {loss}; try {fix}"
    if half and scaler.get_scale() < LOWEST_SCALE:
        return "the gradients are infinite in float16 at every scale; try precision='float32'"
    return ""


def _checked_rates(model: nn.Module, lr: float | Mapping[str, float]) -> Mapping[str, float]:
    """Return the rate of every part by name."""
    named = parts(model)
    rates = lr if isinstance(lr, Mapping) else dict.fromkeys(named, lr)
    empty = [name for name, part in named.items() if state_of(part) is State.EMPTY]
    if not named.keys() - empty <= rates.keys() <= named.keys():
        raise ValueError(f"lr names {list(rates)}, the model has {list(named)}")
    for name, rate in rates.items():
        if not isinstance(rate, Real) or not 0 <= rate < math.inf:
            raise ValueError(f"the learning rate of {name} is {rate!r}: give a number, 0 or more")
    return rates
