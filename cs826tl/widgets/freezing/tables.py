"""The freezing panel's tables: time, all runs, and the audit of the last one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from cs826tl.training.auditing import Finding
from cs826tl.widgets.freezing.controller import FreezingController, FreezingRun
from cs826tl.widgets.training_tools import duration


def listed(stages: Sequence[str], names: Sequence[str]) -> str:
    """Return stages in words; a row without a gap is named by its two ends.

    >>> listed(["a", "b", "c"], ["a", "b", "c", "d"]), listed(["a", "c"], ["a", "b", "c", "d"])
    ('a to c', 'a, c')
    """
    if len(stages) > 2:
        first = names.index(stages[0])
        if list(stages) == list(names[first : first + len(stages)]):
            return f"{stages[0]} to {stages[-1]}"
    return ", ".join(stages)


def tables(controller: FreezingController) -> list[dict[str, Any]]:
    """Return the tables of the last finished run, and one of all of them."""
    runs = controller.runs
    if not runs:
        return []
    title = f"Run {len(runs)}"
    return [
        _time_table(title, runs[-1], controller.epochs),
        _runs_table(runs, list(controller.model.parts)),
        _audit_table(title, runs[-1].audit),
    ]


def _time_table(title: str, run: FreezingRun, epochs: int) -> dict[str, Any]:
    predicted, kept = run.predicted, run.prefix > 0 and run.encoded == 0
    total = predicted.codes_seconds + epochs * predicted.epoch_seconds
    codes = "kept from before" if kept else duration(run.codes_seconds)
    finished = "stopped" if run.history.stopped else duration(run.seconds)
    rows = [
        ["codes, once", duration(predicted.codes_seconds), codes if run.prefix else "none"],
        ["an epoch", duration(predicted.epoch_seconds), duration(run.epoch_seconds)],
        [f"all {epochs} epochs and codes", duration(total), finished],
    ]
    return {"caption": f"{title}: time", "columns": ["", "predicted", "measured"], "rows": rows}


def _audit_table(title: str, audit: pd.DataFrame) -> dict[str, Any]:
    rows = [
        [
            str(stage),
            row["claimed"],
            row["parameters moved"],
            row["buffers moved"],
            f"{row['largest change']:.1e}" if row["largest change"] else "0",
            ("✗ " if row["verdict"] == Finding.FROZEN_MOVED else "✓ ") + row["verdict"],
        ]
        for stage, row in audit.iterrows()
    ]
    caption = f"{title}: audit of what was claimed frozen, and what moved"
    return {"caption": caption, "columns": ["stage", *audit.columns], "rows": rows}


def _runs_table(runs: Sequence[FreezingRun], names: Sequence[str]) -> dict[str, Any]:
    rows = [
        [
            str(k),
            listed(run.frozen, names) or "nothing",
            f"{run.predicted.trainable:,}",
            f"{run.accuracies[-1]:.3f}" if run.accuracies else "–",
            duration(run.seconds) + (", stopped" if run.history.stopped else ""),
        ]
        for k, run in enumerate(runs, 1)
    ]
    columns = ["run", "frozen", "trainable parameters", "validation accuracy", "time"]
    return {"caption": "All runs, from the same start", "columns": columns, "rows": rows}
