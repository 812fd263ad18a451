"""Training as lines: over the epochs, and what is gained against what is forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from cs826tl.plots.style import LINES, MARKERS, STYLES, axes_or_new
from cs826tl.training.history import History


def plot_history(history: History, columns: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw columns of a history against the epoch; all accuracies if none is named.

    The axes are `ax`, or those of a new figure.

    Raises `ValueError` for a history without rows, and for a column that it does not have.

    >>> rows = [{"epoch": 0, "validation_accuracy": 0.1}, {"epoch": 1, "validation_accuracy": 0.7}]
    >>> plot_history(History(rows)).get_xlabel()
    'epoch'
    """
    if not history.rows:
        raise ValueError("the history is empty: train first, history = fit(model, task)")
    columns = columns or [name for name in history.rows[-1] if name.endswith("accuracy")]
    drawn = {column: history[column] for column in columns}
    ax = axes_or_new(ax)
    for k, (column, values) in enumerate(drawn.items()):
        label, style = column.replace("_", " "), MARKERS[k % 6] + "-"
        ax.plot(history["epoch"], values, style, color=LINES[k % 6], label=label)
    ax.set(xlabel="epoch", ylim=(0, 1.02) if all("accuracy" in c for c in columns) else None)
    ax.legend()
    return ax


def plot_histories(
    runs: Mapping[str, Sequence[History]], column: str, ax: Axes | None = None
) -> Axes:
    """Draw one column of many histories against the epoch: thin lines are runs, thick ones means.

    `runs` holds the histories over the seeds for each way of training. The axes are `ax`, or those
    of a new figure.

    >>> rows = [{"epoch": 0, "loss": 2.0}, {"epoch": 1, "loss": 1.0}]
    >>> plot_histories({"cautious": [History(rows)]}, "loss").get_ylabel()
    'loss'
    """
    ax = axes_or_new(ax)
    for k, (way, histories) in enumerate(runs.items()):
        curves = pd.concat([history.table()[column] for history in histories], axis=1)
        colour, style = LINES[k % 6], STYLES[k % 4]
        ax.plot(curves, style, color=colour, alpha=0.4, linewidth=0.8)
        ax.plot(curves.mean(axis=1), style, color=colour, linewidth=2.5, label=way)
    ax.set(xlabel="epoch", ylabel=column.replace("_", " "))
    ax.legend()
    return ax


def plot_tradeoff(
    runs: Mapping[str, Sequence[History]], ax: Axes | None = None, *, source: str = "source"
) -> Axes:
    """Draw what fine-tuning gains against what it forgets: target accuracy over source accuracy.

    `runs` holds the histories over the seeds for each way of fine-tuning. Its line goes from the
    start to the end of training, in the mean over seeds; the best corner is at the top right. The
    axes are `ax`, or those of a new figure.

    >>> rows = [{"source_accuracy": 0.9, "validation_accuracy": 0.1}]
    >>> plot_tradeoff({"cautious": [History(rows)]}).get_ylabel()
    'target accuracy'
    """
    ax = axes_or_new(ax, height=3.2)
    for k, (way, histories) in enumerate(runs.items()):
        x = np.mean([h[f"{source}_accuracy"] for h in histories], axis=0)
        y = np.mean([h["validation_accuracy"] for h in histories], axis=0)
        colour, marker = LINES[k % 6], MARKERS[k % 6]
        ax.plot(x, y, marker + "-", color=colour, alpha=0.5, linewidth=1, markersize=3)
        ax.plot(x[-1], y[-1], marker, color=colour, markersize=10, label=way)
    ax.set(xlabel=f"{source} accuracy (what is kept)", ylabel="target accuracy")
    ax.set(xlim=(0, 1.02), ylim=(0, 1.02))
    ax.legend()
    return ax
