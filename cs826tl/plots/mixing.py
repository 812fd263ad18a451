"""The line between two networks: the accuracy on each task, from one's weights to the other's."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from cs826tl.plots.style import LINES, MARKERS, STYLES, axes_or_new


def plot_mixing(line: pd.DataFrame, weight: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw each task's accuracy over the mixing weight; `weight` marks one with an upright line.

    `line` is what `averaging.along` returns: a row for each weight, a column for each task.

    >>> line = pd.DataFrame({"source": [0.9, 0.3], "target": [0.2, 0.9]}, index=[0.0, 1.0])
    >>> plot_mixing(line).get_ylabel()
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
