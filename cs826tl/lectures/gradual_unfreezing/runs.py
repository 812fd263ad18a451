"""What the schedule designer knows and says: settings, runs, and their tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import pandas as pd

from cs826tl.training.auditing import Finding
from cs826tl.training.plans import Plan
from cs826tl.widgets.controllers import Table

WORDS = {
    Finding.FROZEN_MOVED: "frozen, yet moved",
    Finding.FROZEN_STILL: "frozen",
    Finding.TRAINABLE_MOVED: "moved",
    Finding.ADAPTER_MOVED: "adapter moved",
}


@dataclass(frozen=True)
class ScheduleSetting:
    """The triangle, in epochs and rates of the head; the factor; how many stages wake an epoch."""

    rise: float = 0.5
    peak: float = 0.01
    epochs: int = 6
    lowest: float = 0.0003
    factor: float = 2.6
    stages_per_epoch: float = 1.0


@dataclass
class ScheduleRun:
    """One training: its settings and plan, and what was found after each epoch and before."""

    setting: ScheduleSetting
    plan: Plan
    accuracies: list[float] = field(default_factory=list)  # on validation
    audits: list[pd.DataFrame] = field(default_factory=list)
    stopped: str = ""

    @property
    def last_wakes(self) -> int:
        """The epoch, counted from 1, in which the last stage wakes."""
        return max(self.plan.wakes.values())

    @property
    def peaks_at(self) -> int:
        """The step at which the head's rate is highest."""
        return int(self.plan.rates[:, :, -1].argmax())

    @property
    def has_all_three(self) -> bool:
        """Whether it uses all three ideas."""
        now = self.setting
        return now.factor > 1 and now.lowest < now.peak and self.last_wakes > 1

    @property
    def is_plain(self) -> bool:
        """Whether it uses none of the three ideas."""
        now = self.setting
        return now.factor == 1 and now.lowest == now.peak and self.last_wakes == 1

    @property
    def found_out(self) -> int:
        """How often a part that was claimed frozen moved in an epoch."""
        return sum(int((audit["verdict"] == Finding.FROZEN_MOVED).sum()) for audit in self.audits)


def met(runs: Sequence[ScheduleRun]) -> dict[str, bool]:
    """Say which missions the runs have met."""
    whole = [run for run in runs if len(run.audits) == run.setting.epochs]
    pairs = [(vars(a.setting), vars(b.setting)) for a, b in combinations(whole, 2)]

    def peaks(epochs: int, wanted: str) -> int:
        chosen = [run.setting for run in whole if getattr(run, wanted)]
        return len({setting.peak for setting in chosen if setting.epochs == epochs})

    return {
        "1. Train a plan whose stages wake in turn, the last of them before the peak": any(
            run.last_wakes > 1 and (run.last_wakes - 1) * run.plan.batches < run.peaks_at
            for run in whole
        ),
        "2. Train two plans that differ in one setting only": any(
            sum(a[name] != b[name] for name in a) == 1 for a, b in pairs
        ),
        "3. In equally many epochs, try two peaks of all three ideas, and two of plain "
        "(factor 1, lowest rate = peak, all wake in the first epoch)": any(
            min(peaks(epochs, "is_plain"), peaks(epochs, "has_all_three")) > 1
            for epochs in {run.setting.epochs for run in whole}
        ),
    }


def status(plan: Plan, runs: Sequence[ScheduleRun]) -> str:
    """Say in sentences what the plan is and what the last run brought."""
    part, epoch = max(plan.wakes.items(), key=lambda wake: wake[1])
    who = f"{part} wakes last, in epoch {epoch}, and" if epoch > 1 else f"All wake at once; {part}"
    said = (
        f"{plan.epochs} epochs of {plan.batches} steps. {who} "
        f"learns at {plan.rates[:, :, plan.parts.index(part)].max():.2g} at most."
    )
    if not runs:
        return said
    run = runs[-1]
    n = run.found_out
    found = f"what was frozen moved {n} times" if n else "what was frozen never moved"
    ended = f" It {run.stopped}." if run.stopped else ""
    return (
        f"{said} Last run: validation accuracy {run.accuracies[-1]:.2f} after {len(run.audits)} "
        f"epochs; {found}.{ended}"
    )


def plan_table(plan: Plan) -> Table:
    """Return when each part wakes and how fast it learns."""
    table = plan.table()
    rows = tuple((name, *row) for name, row in zip(table.index, table.to_numpy(), strict=True))
    return Table("The plan", ("stage", *table.columns), rows)


def audit_table(run: ScheduleRun) -> Table:
    """Return what moved in each epoch of a run."""
    columns = ("stage", *(f"epoch {k + 1}" for k in range(len(run.audits))))
    rows = tuple(
        (part, *(WORDS.get(audit.loc[part, "verdict"], "at rest") for audit in run.audits))
        for part in reversed(run.audits[0].index)
    )
    return Table("The audit of the last run: what moved when", columns, rows)


def runs_table(runs: Sequence[ScheduleRun]) -> Table:
    """Return what was set in each run, and its validation accuracy."""
    columns = (
        "run",
        "epochs",
        "peak at",
        "peak",
        "lowest",
        "factor",
        "stages per epoch",
        "accuracy",
    )
    rows = tuple(
        (
            f"{k}", f"{len(run.audits)} of {run.setting.epochs}", f"{run.setting.rise:g}",
            f"{run.setting.peak:g}", f"{run.setting.lowest:g}", f"{run.setting.factor:g}",
            f"{run.setting.stages_per_epoch:g}", f"{run.accuracies[-1]:.2f}",
        )
        for k, run in enumerate(runs, start=1)
    )  # fmt: skip
    return Table("All runs", columns, rows)
