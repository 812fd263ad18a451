"""A plan of training: which part is trainable in which epoch, and its rate at every step [C13]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from cs826tl.networks.staging import StagedModel
from cs826tl.training.freezing import State, freeze, unfreeze

Rates = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Plan:
    """Which part is trainable in which epoch, and its absolute rate at every step of it.

    `rates` has shape `(epochs, batches, parts)`; a part whose rates are 0 for an epoch is frozen in
    it. `fit(model, task, plan=plan)` trains by it; `plot_plan(plan)` draws it. Epochs count from 1.

    The constructor raises `ValueError` for another shape, for rates below 0 or not finite, for a
    part whose rate is 0 in some steps of an epoch only, or an epoch in which everything is frozen.

    >>> plan = Plan(("stage1", "head"), np.array([[[0.0, 0.2]], [[0.01, 0.1]]]))
    >>> plan
    Plan of 2 × 1 steps; trainable from epoch 1: head; 2: stage1
    >>> plan.table()
           trainable from epoch highest rate last rate
    stage
    head                      1          0.2       0.1
    stage1                    2         0.01      0.01
    """

    parts: tuple[str, ...]
    rates: Rates

    def __post_init__(self) -> None:
        shape = self.rates.shape
        if len(shape) != 3 or 0 in shape or shape[2] != len(self.parts):
            raise ValueError(f"rates have shape {shape}: give (epochs, batches, {len(self.parts)})")
        if not (np.isfinite(self.rates).all() and (self.rates >= 0).all()):
            raise ValueError("a rate is negative, infinite or not a number")
        if ((self.rates == 0).any(axis=1) & (self.rates > 0).any(axis=1)).any():
            raise ValueError("a part is frozen for whole epochs: its rates in them are all 0")
        if not all(self.trainable(epoch + 1) for epoch in range(self.epochs)):
            raise ValueError("every part is frozen in one of the epochs")

    @property
    def epochs(self) -> int:
        """How many epochs the plan is for."""
        return self.rates.shape[0]

    @property
    def batches(self) -> int:
        """How many batches, and so steps, each epoch has."""
        return self.rates.shape[1]

    @property
    def wakes(self) -> dict[str, int]:
        """The first epoch in which each part is trainable, by name; some never are."""
        first: dict[str, int] = {}
        for epoch in range(1, self.epochs + 1):
            first = dict.fromkeys(self.trainable(epoch), epoch) | first
        return first

    def trainable(self, epoch: int) -> tuple[str, ...]:
        """Return the names of the parts that are trainable in the epoch."""
        rates = self.rates[epoch - 1, 0].tolist()
        return tuple(name for name, rate in zip(self.parts, rates, strict=True) if rate > 0)

    def changes(self, epoch: int) -> bool:
        """Say whether other parts are trainable than in the epoch before."""
        return epoch > 1 and self.trainable(epoch) != self.trainable(epoch - 1)

    def begin(self, model: StagedModel, epoch: int) -> None:
        """Freeze and unfreeze the model's parts as the plan has it for the epoch."""
        trainable = self.trainable(epoch)
        frozen = [name for name in self.parts if name not in trainable]
        unfreeze(freeze(model, frozen), trainable)

    def steps(self, epoch: int) -> list[dict[str, float]]:
        """Return the rate of every part, by name, at each step of the epoch."""
        rates = self.rates[epoch - 1].tolist()
        return [dict(zip(self.parts, step, strict=True)) for step in rates]

    def table(self) -> pd.DataFrame:
        """Return a table of the parts, the head first: from when they train, and how fast."""
        rows = {
            name: (
                str(self.wakes.get(name, "never")),
                _short(self.rates[:, :, k].max()),
                _short(self.rates[-1, -1, k]),
            )
            for k, name in reversed(list(enumerate(self.parts)))
        }
        columns = ["trainable from epoch", "highest rate", "last rate"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("stage")

    def __repr__(self) -> str:
        waking: dict[int, list[str]] = {}
        for name, epoch in sorted(self.wakes.items(), key=lambda item: item[1]):
            waking.setdefault(epoch, []).append(name)
        when = "; ".join(f"{epoch}: {', '.join(names)}" for epoch, names in waking.items())
        return f"Plan of {self.epochs} × {self.batches} steps; trainable from epoch {when}"


def set_rates(optimizer: torch.optim.Optimizer, rates: Mapping[str, float]) -> None:
    """Give every group of the optimizer the rate of the part it is named after."""
    for group in optimizer.param_groups:
        group["lr"] = rates[group["name"]]


def check_plan(
    plan: Plan, model: StagedModel, optimizer: torch.optim.Optimizer, batches: int
) -> None:
    """Raise `ValueError` if the plan does not fit the model, the optimizer or the batches."""
    if plan.parts != tuple(model.parts):
        raise ValueError(f"the plan is for {list(plan.parts)}, the model has {list(model.parts)}")
    if plan.batches != batches:
        raise ValueError(
            f"the plan has {plan.batches} batches per epoch, this training {batches}: make the "
            f"plan with the same task and batch_size"
        )
    named = {group.get("name"): group["params"] for group in optimizer.param_groups}
    for part in plan.wakes:
        held = {id(p) for p in named.get(part, [])}
        if not held.issuperset(id(p) for p in model.parts[part].parameters()):
            raise ValueError(
                f"the optimizer has no group named {part!r} that holds this part's parameters: "
                f"build it from param_groups(model, lr=…)"
            )


def _short(rate: float) -> str:
    return f"{rate:.2g}" if rate else State.FROZEN.value
