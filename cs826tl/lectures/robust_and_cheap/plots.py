"""Pictures of lecture 13: what a budget buys, and the line between two networks."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
from matplotlib.axes import Axes

from cs826tl.plots.style import LINES, MARKERS, STYLES, axes_or_new


def plot_budget(
    ways: pd.DataFrame,
    resource: str,
    budget: float,
    allowed: Collection[str],
    winner: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the target accuracy of every way over a resource, with the budget as an upright line.

    `ways` has a row for each way and the columns `target` and `resource`. Those that are not
    `allowed` are hollow; the winner is a star.

    >>> ways = pd.DataFrame({"target": [0.8, 0.9], "bytes": [1e3, 1e6]}, index=["head", "all"])
    >>> plot_budget(ways, "bytes", 1e4, ["head"], "head").get_xscale()
    'log'
    """
    ax = axes_or_new(ax)
    amounts, targets = ways[resource].tolist(), ways["target"].tolist()
    for name, *place in zip(ways.index, amounts, targets, strict=True):
        (point,) = ax.plot(*place, "*" if name == winner else "o", color=LINES[0])
        point.set_markersize(16 if name == winner else 9)
        point.set_markerfacecolor(LINES[0] if name in allowed else "white")
        right = sorted(amounts).index(place[0]) % 2 == 0  # neighbours' names keep clear
        offset = (9 if right else -9, -3)
        label = ax.annotate(str(name), (place[0], place[1]), offset, textcoords="offset points")
        label.set(ha="left" if right else "right", fontsize=9)
    ax.axvline(budget, color=LINES[1], linestyle="--")
    ax.set(xscale="log", xlim=(min(amounts) / 3, max(amounts) * 3))
    ax.set_ylim(min(targets) - 0.05, 1.02)
    ax.set(xlabel=resource, ylabel="target accuracy")
    return ax


def plot_interpolation(
    line: pd.DataFrame, weight: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw each task's accuracy over the mixing weight; `weight` marks one with an upright line.

    `line` is what `averaging.interpolation_accuracy` returns: a row for each weight, a column for
    each task. The axes are `ax`, or those of a new figure.

    >>> line = pd.DataFrame({"source": [0.9, 0.3], "target": [0.2, 0.9]}, index=[0.0, 1.0])
    >>> plot_interpolation(line).get_ylabel()
    'accuracy'
    """
    ax = axes_or_new(ax)
    for k, task in enumerate(line.columns):
        look = MARKERS[k % 6] + STYLES[k % 4]
        ax.plot(line.index, line[task], look, color=LINES[k % 6], markersize=5, label=task)
    if weight is not None:
        ax.axvline(weight, color="black", linewidth=1.2)
    ax.set(xlabel="weight of the second network", ylabel="accuracy", ylim=(0, 1.02))
    ax.legend()
    return ax
