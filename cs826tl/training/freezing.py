"""Freeze and unfreeze the parts of any network, so that nothing moves that should not."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

import pandas as pd
from torch import nn

from cs826tl._errors import unknown
from cs826tl.networks.headless import NoHead
from cs826tl.networks.named_parts import parts
from cs826tl.networks.staging import StagedModel
from cs826tl.training.adapters import adapter_parameters

Network = TypeVar("Network", bound=nn.Module)

# Layers without parameters that nevertheless answer differently in training mode.
_DIFFERENT_IN_TRAINING = (nn.modules.dropout._DropoutNd, nn.modules.batchnorm._NormBase)


class State(StrEnum):
    """Whether the parameters of a part can be trained, or only those of its adapters."""

    FROZEN = "frozen"
    TRAINABLE = "trainable"
    ADAPTED = "adapter"
    EMPTY = "no parameters"


def freeze(model: Network, *stages: str | Iterable[str], through: str | None = None) -> Network:
    """Freeze the named stages, or every stage from the first `through` the named one.

    `freeze(model)` freezes every stage and leaves the head: a fixed feature extractor [C07]. Any
    network will do; see `parts` for how its parts are named and ordered. To freeze within a part,
    give that part: `freeze(model.layer4, "1")`.

    The pitfall: `freeze(model, *names)` with no names is `freeze(model)`. Give names that you have
    computed in their list; an empty one freezes nothing.

    Avoids a trap: a frozen weight that keeps an old gradient still moves, through momentum and
    weight decay, so the gradients are dropped too. `train_mode`, which `fit` calls, keeps frozen
    batch normalization still.

    Raises `ValueError` listing the stages if a name is not among them or no stage lies below the
    head, and `TypeError` for what is neither a name nor names in a list.

    >>> from cs826tl import load_backbone
    >>> model = freeze(load_backbone("small_vgg", weights="random"), through="block2")
    >>> frozen_stages(model)
    ('block1', 'block2')
    """
    if through is not None:
        stages = (*stages, list(parts(model))[: _position(model, through) + 1])
    elif not stages:
        stages = _below_head(model)
    return _set_trainable(model, stages, False)


def unfreeze(model: Network, *stages: str | Iterable[str], down_to: str | None = None) -> Network:
    """Unfreeze the named stages, or every part from the head `down_to` the named one.

    `unfreeze(model)` unfreezes everything. In a stage with adapters (see `add_lora`) only these
    learn; call `merge_lora` first if its weights are to learn. Names may be in a list, as for
    `freeze`, and it raises as `freeze` does.

    >>> from cs826tl import load_backbone
    >>> model = freeze(load_backbone("small_vgg", weights="random"))
    >>> frozen_stages(unfreeze(model, down_to="block3"))
    ('block1', 'block2')
    """
    names = list(parts(model))
    if down_to is not None:
        stages = (*stages, names[_position(model, down_to) :])
    elif not stages:
        stages = (names,)
    return _set_trainable(model, stages, True)


def frozen_stages(model: nn.Module) -> tuple[str, ...]:
    """Return the names of the parts in which nothing is trained.

    A part without parameters counts as frozen, unless it holds dropout or batch normalization:
    those answer differently in training mode, which nothing can freeze. The model may be any
    network.

    >>> frozen_stages(nn.Sequential(nn.Linear(2, 2).requires_grad_(False), nn.Linear(2, 2)))
    ('0',)
    """
    return tuple(name for name, part in parts(model).items() if _is_frozen(part))


def train_mode(model: Network) -> Network:
    """Switch to training mode, but keep every wholly frozen part in evaluation mode.

    Avoids a trap: `model.train()` lets frozen batch normalization go on updating its running
    statistics, and turns on dropout in frozen layers.

    >>> from cs826tl import load_backbone
    >>> model = train_mode(freeze(load_backbone("small_vgg", weights="random")))
    >>> model.stages.block1.training, model.head.training
    (False, True)
    """
    if state_of(model) is State.FROZEN:
        return model.eval()
    model.training = True
    for child in model.children():
        train_mode(child)
    return model


def trainable_table(model: nn.Module) -> pd.DataFrame:
    """Return a table of the parts: frozen or trainable, and how many parameters of how many.

    >>> from cs826tl import load_backbone
    >>> model = freeze(load_backbone("small_vgg", weights="random"))
    >>> trainable_table(model)["trainable parameters"].tolist()
    [0, 0, 0, 0, 1290]
    """
    rows = {
        name: (
            state_of(part).value,
            sum(p.numel() for p in part.parameters() if p.requires_grad),
            sum(p.numel() for p in part.parameters()),
        )
        for name, part in parts(model).items()
    }
    columns = ["state", "trainable parameters", "parameters"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("stage")


def state_of(part: nn.Module) -> State:
    """Return whether any parameter of the part can be trained.

    >>> state_of(nn.ReLU()), state_of(nn.Linear(2, 2).requires_grad_(False))
    (<State.EMPTY: 'no parameters'>, <State.FROZEN: 'frozen'>)
    """
    parameters = list(part.parameters())
    trainable = {id(p) for p in parameters if p.requires_grad}
    if not parameters:
        return State.EMPTY
    if not trainable:
        return State.FROZEN
    adapted = trainable <= {id(p) for p in adapter_parameters(part)}
    return State.ADAPTED if adapted else State.TRAINABLE


def _is_frozen(part: nn.Module) -> bool:
    state = state_of(part)
    if state is State.EMPTY:
        return not any(isinstance(layer, _DIFFERENT_IN_TRAINING) for layer in part.modules())
    return state is State.FROZEN


def _below_head(model: nn.Module) -> tuple[str, ...]:
    """Return the names of all parts below the last one that has parameters, or below no head."""
    named = parts(model)
    names = list(named)
    if isinstance(model, StagedModel) and isinstance(model.head, NoHead):
        return tuple(names[:-1])
    with_parameters = [k for k, part in enumerate(named.values()) if state_of(part) != State.EMPTY]
    if len(with_parameters) < 2:
        raise ValueError(
            f"there is nothing below the head to freeze: the model has {', '.join(names)}; to "
            f"freeze a part, name it, as in freeze(model, {names[-1]!r})"
        )
    return tuple(names[: with_parameters[-1]])


def _position(model: nn.Module, stage: str) -> int:
    names = list(parts(model))
    if stage not in names:
        raise unknown("stage" if isinstance(model, StagedModel) else "part", stage, names)
    return names.index(stage)


def _set_trainable(
    model: Network, stages: tuple[str | Iterable[str], ...], trainable: bool
) -> Network:
    names: list[str] = []
    for given in stages:
        names += [given] if isinstance(given, str) or not isinstance(given, Iterable) else given
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"{name!r} names no stage: give names, one by one or in a list")
        _position(model, name)
    for name in names:
        part = parts(model)[name]
        thin = adapter_parameters(part) if trainable else []
        for parameter in thin or part.parameters():
            parameter.requires_grad = trainable
            if not trainable:
                parameter.grad = None
    return model
