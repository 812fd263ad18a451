"""The budget explorer: what may be spent, what must be kept, and which way then wins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from cs826tl.lectures.robust_and_cheap.plots import plot_budget
from cs826tl.widgets.controllers import Table, View
from cs826tl.widgets.controls import Choice, Control, Number
from cs826tl.widgets.explorer import Explorer

NEEDED = ("target", "source")
DIGITS = {"seconds": 1}  # behind the point; of all else, none


@dataclass(frozen=True)
class BudgetSetting:
    """What is set: the resource, its budget as a share of its range, the source's floor."""

    resource: str
    budget: float = 0.5  # on a logarithmic scale, from the cheapest way to the dearest
    floor: float = 0.0


class BudgetExplorer:
    """The controller: the ways that a budget and a floor allow, and the best of them."""

    title = "Fine-tuning on a budget"
    help = "Choose what is scarce, how much of it you have, and what the source must keep."

    def __init__(self, ways: pd.DataFrame) -> None:
        self.ways = ways
        self.resources = tuple(str(c) for c in ways.columns if c not in NEEDED)
        self.setting = BudgetSetting(self.resources[0])

    def controls(self) -> tuple[Control, ...]:
        """Return the resource, its budget, and the floor."""
        now = self.setting
        return (
            Choice("resource", "What is scarce", self.resources, now.resource),
            Number(
                "budget", "Budget, from the cheapest way to the dearest", 0, 1, 0.05, now.budget
            ),
            Number("floor", "Source accuracy to keep", 0, 1, 0.05, now.floor),
        )

    def set(self, name: str, value: Any) -> None:
        """Change one setting."""
        self.setting = replace(self.setting, **{name: value})

    @property
    def budget(self) -> float:
        """What may be spent, in units of the resource."""
        spent = self.ways[self.setting.resource]
        low, high = np.log10(spent.min()), np.log10(spent.max())
        return float(10 ** (low + self.setting.budget * (high - low))) * (1 + 1e-9)

    @property
    def allowed(self) -> list[str]:
        """The ways within the budget that keep enough of the source, best first."""
        within = self.ways[self.setting.resource] <= self.budget
        kept = self.ways["source"] >= self.setting.floor
        best_first = self.ways[within & kept].sort_values("target", ascending=False)
        return [str(way) for way in best_first.index]

    def view(self) -> View:
        """Return which way wins, all ways as a table, and as points over what they take."""
        now, allowed = self.setting, self.allowed
        winner = allowed[0] if allowed else ""
        best = float(self.ways["target"].get(winner, 0.0))
        limits = f"{self._shown(now.resource, self.budget)} {now.resource}, source {now.floor:.2f}"
        status = (
            f"{limits}: {winner} wins, target accuracy {best:.2f}."
            if winner
            else f"{limits}: no way is that cheap and keeps that much."
        )
        alt = (
            f"A point for every way of fine-tuning: its target accuracy over its {now.resource}, "
            "on a logarithmic axis. A dashed line is the budget; hollow points are beyond it or "
            "keep too little of the source; a star wins."
        )
        draw = partial(plot_budget, self.ways, now.resource, self.budget, allowed, winner)
        return View(status, (self._table(),), draw, alt=alt)

    def _table(self) -> Table:
        rows = tuple(
            (
                str(way),
                *(f"{row[name]:.2f}" for name in NEEDED),
                *(self._shown(name, row[name]) for name in self.resources),
                "yes" if way in self.allowed else "no",
            )
            for way, row in self.ways.iterrows()
        )
        return Table("All ways", ("way", *NEEDED, *self.resources, "allowed"), rows)

    @staticmethod
    def _shown(resource: str, amount: float) -> str:
        return f"{amount:,.{DIGITS.get(resource, 0)}f}"


def budget_explorer(ways: pd.DataFrame) -> Explorer:
    """Return an explorer of what a budget buys.

    `ways` has a row for each way of fine-tuning. The columns `target` and `source` are accuracies;
    every other one is a resource, such as `parameters`, `bytes` or `seconds`, all above 0.

    Raises `ValueError` if a column is missing or an amount is not above 0.

    >>> ways = pd.DataFrame(
    ...     {"target": [0.8, 0.9], "source": [0.9, 0.5], "bytes": [5e3, 6e5]}, ["head", "all"]
    ... )
    >>> explorer = budget_explorer(ways)
    >>> explorer.set("budget", 1)
    >>> explorer.state["status"]
    '600,000 bytes, source 0.00: all wins, target accuracy 0.90.'
    """
    resources = [column for column in ways.columns if column not in NEEDED]
    missing = [name for name in NEEDED if name not in ways]
    if missing or not len(ways) or not len(resources):
        raise ValueError(
            f"the ways have the columns {', '.join(map(str, ways.columns))}: give target, source "
            f"and at least one resource, such as bytes, and at least one row"
        )
    if not (ways[resources] > 0).to_numpy().all():
        raise ValueError("a way takes nothing of a resource: amounts must be above 0")
    return Explorer(BudgetExplorer(ways))
