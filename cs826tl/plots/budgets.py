"""What each way of fine-tuning reaches, over what it takes, and which of them a budget allows."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
from matplotlib.axes import Axes

from cs826tl.plots.style import LINES, axes_or_new


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
