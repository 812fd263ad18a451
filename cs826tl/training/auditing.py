"""Audit a training run: compare every parameter and buffer with what it was before."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pandas as pd
from torch import Tensor, nn

from cs826tl.networks.named_parts import parts
from cs826tl.training.freezing import State, frozen_stages, state_of

PIECE = 2**20  # numbers compared at a time: whole tensors, in double precision, are gigabytes


class Finding(StrEnum):
    """What an audit finds of one part: what was claimed, and what is true."""

    FROZEN_STILL = "frozen, did not move"
    FROZEN_MOVED = "claimed frozen, in fact moved"
    TRAINABLE_STILL = "trainable, did not move"
    TRAINABLE_MOVED = "trainable, moved"
    EMPTY = "no parameters"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What a model was before training: every parameter and buffer, and what was frozen."""

    tensors: dict[str, Tensor]
    frozen: tuple[str, ...]


def snapshot(model: nn.Module) -> Snapshot:
    """Copy the parameters and buffers of any network for `audit`. Takes the model's memory again.

    >>> before = snapshot(nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)))
    >>> list(before.tensors)
    ['0.weight', '0.bias', '1.weight', '1.bias']
    """
    tensors = {name: t.detach().cpu().clone() for name, t in _part_tensors(model)}
    return Snapshot(tensors, frozen_stages(model))


def audit(model: nn.Module, before: Snapshot) -> pd.DataFrame:
    """Compare every parameter and buffer with the snapshot, and say of each part what moved.

    The columns: what was claimed, how many parameter tensors and buffers moved of how many, the
    largest change of a parameter, and the verdict, which is a `Finding`. Only a part that was
    claimed frozen can be found out: a trainable one may well stay where it is.

    Raises `ValueError` where the snapshot is of another model.

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
        name: _audit_row(name, part, change, name in before.frozen)
        for name, part in parts(model).items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("stage")


def _audit_row(
    name: str, part: nn.Module, change: dict[str, float], frozen: bool
) -> dict[str, object]:
    parameters = [change[f"{name}.{n}"] for n, _ in part.named_parameters()]
    buffers = [change[f"{name}.{n}"] for n, _ in part.named_buffers()]
    claimed = State.FROZEN if frozen else State.TRAINABLE
    if state_of(part) is State.EMPTY:
        claimed = State.EMPTY
    moved = max(parameters + buffers, default=0.0) > 0
    return {
        "claimed": claimed.value,
        "parameters moved": f"{sum(c > 0 for c in parameters)} of {len(parameters)}",
        "buffers moved": f"{sum(c > 0 for c in buffers)} of {len(buffers)}",
        "largest change": max(parameters, default=0.0),
        "verdict": _finding(claimed, moved).value,
    }


def _finding(claimed: State, moved: bool) -> Finding:
    if claimed is State.FROZEN:
        return Finding.FROZEN_MOVED if moved else Finding.FROZEN_STILL
    if claimed is State.TRAINABLE:
        return Finding.TRAINABLE_MOVED if moved else Finding.TRAINABLE_STILL
    return Finding.EMPTY


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
