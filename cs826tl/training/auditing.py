"""Audit a training run: compare every parameter and buffer with what it was before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd
from torch import Tensor, nn

from cs826tl.networks.named_parts import parts
from cs826tl.training.adapters import adapter_parameters
from cs826tl.training.freezing import State, state_of

PIECE = 2**20  # numbers compared at a time: whole tensors, in double precision, are gigabytes


class Finding(StrEnum):
    """What an audit finds of one part: what was claimed, and what is true."""

    FROZEN_STILL = "frozen, did not move"
    FROZEN_MOVED = "claimed frozen, in fact moved"
    TRAINABLE_STILL = "trainable, did not move"
    TRAINABLE_MOVED = "trainable, moved"
    ADAPTER_STILL = "frozen, and its adapter did not move"
    ADAPTER_MOVED = "frozen, did not move; its adapter did"
    EMPTY = "no parameters"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What a model was before training: every parameter and buffer, and which parts were frozen."""

    tensors: dict[str, Tensor]
    states: dict[str, State]


def snapshot(model: nn.Module) -> Snapshot:
    """Copy the parameters and buffers of any network for `audit`.

    The copy takes as much memory as the model.

    >>> before = snapshot(nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)))
    >>> list(before.tensors)
    ['0.weight', '0.bias', '1.weight', '1.bias']
    """
    tensors = {name: t.detach().cpu().clone() for name, t in _part_tensors(model)}
    return Snapshot(tensors, {name: state_of(part) for name, part in parts(model).items()})


def audit(model: nn.Module, before: Snapshot) -> pd.DataFrame:
    """Compare every parameter and buffer with the snapshot, and say of each part what moved.

    The columns: what was claimed, how many parameter tensors and buffers moved of how many, the
    largest change of a parameter, and the verdict, which is a `Finding`. Only a part that was
    claimed frozen can be contradicted: a trainable one may well stay as it is. A part with adapters
    (see `add_lora`) was claimed frozen but for these.

    Raises `ValueError` if the snapshot is of another model.

    >>> import torch
    >>> from cs826tl import freeze, load_backbone
    >>> model = freeze(load_backbone("small_vgg", weights="random"))
    >>> before = snapshot(model)
    >>> _ = model.train()(torch.zeros(4, 1, 28, 28, dtype=torch.uint8))
    >>> audit(model, before)["verdict"]["block1"]
    'claimed frozen, in fact moved'
    """
    after = dict(_part_tensors(model))
    shapes = {name: t.shape for name, t in after.items()}
    if shapes != {name: t.shape for name, t in before.tensors.items()}:
        raise ValueError("the snapshot is of another model: take one with snapshot(model)")
    change = {name: _largest_change(t, before.tensors[name]) for name, t in after.items()}
    rows = {
        name: _audit_row(name, part, change, before.states[name])
        for name, part in parts(model).items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("stage")


def _audit_row(
    name: str, part: nn.Module, change: dict[str, float], claimed: State
) -> dict[str, object]:
    parameters = {n: change[f"{name}.{n}"] for n, _ in part.named_parameters()}
    buffers = [change[f"{name}.{n}"] for n, _ in part.named_buffers()]
    thin = {id(p) for p in adapter_parameters(part)} if claimed is State.ADAPTED else set()
    free = [parameters[n] for n, p in part.named_parameters() if id(p) in thin]
    rest = [parameters[n] for n, p in part.named_parameters() if id(p) not in thin]
    return {
        "claimed": claimed.value,
        "parameters moved": f"{_moved(parameters.values())} of {len(parameters)}",
        "buffers moved": f"{_moved(buffers)} of {len(buffers)}",
        "largest change": max(parameters.values(), default=0.0),
        "verdict": _finding(claimed, _moved([*rest, *buffers]) > 0, _moved(free) > 0).value,
    }


def _finding(claimed: State, moved: bool, adapter_moved: bool) -> Finding:
    """Name what was found, by whether anything moved apart from adapters, and whether these did."""
    if claimed is State.TRAINABLE:
        return Finding.TRAINABLE_MOVED if moved else Finding.TRAINABLE_STILL
    if claimed is State.EMPTY:
        return Finding.EMPTY
    if moved:
        return Finding.FROZEN_MOVED
    if claimed is State.ADAPTED:
        return Finding.ADAPTER_MOVED if adapter_moved else Finding.ADAPTER_STILL
    return Finding.FROZEN_STILL


def _moved(changes: Iterable[float]) -> int:
    return sum(change > 0 for change in changes)


def _largest_change(now: Tensor, then: Tensor) -> float:
    pieces = zip(_pieces(now.detach().cpu()), _pieces(then), strict=True)
    changes = [
        (a.double() - b.double()).abs().nan_to_num(nan=float("inf")).max().item()
        for a, b in pieces
        if a.numel()
    ]
    return max(changes, default=0.0)


def _pieces(tensor: Tensor) -> list[Tensor]:
    return list(tensor.flatten().split(PIECE))


def _part_tensors(model: nn.Module) -> list[tuple[str, Tensor]]:
    """Return all parameters and buffers, named by part."""
    return [
        (f"{name}.{inner}", tensor)
        for name, part in parts(model).items()
        for inner, tensor in [*part.named_parameters(), *part.named_buffers()]
    ]
