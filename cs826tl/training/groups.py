"""The optimizer's groups: one for each part of the network, with a learning rate of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

import torch
from torch import nn

from cs826tl.networks.named_parts import parts
from cs826tl.training.freezing import State, state_of


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
