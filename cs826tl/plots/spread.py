"""Results over seeds: the mean and every single one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from cs826tl.plots.style import LINES, axes_or_new


def plot_spread(
    results: Mapping[str, Sequence[float]], ax: Axes | None = None, *, label: str = "accuracy"
) -> Axes:
    """Draw one row a method: a dot for every seed, a bar for their mean.

    >>> plot_spread({"frozen": [0.8, 0.9], "fine-tuned": [0.7, 0.9]}).get_xlabel()
    'accuracy'
    """
    ax = axes_or_new(ax, height=0.5 * len(results) + 1)
    for k, values in enumerate(results.values()):
        ax.barh(k, np.mean(values), color="#DDDDDD", edgecolor="black", height=0.6)
        ax.plot(
            values, [k] * len(values), "o", color=LINES[0], markeredgecolor="white", markersize=8
        )
    ax.set_yticks(range(len(results)), results.keys())
    ax.invert_yaxis()
    ax.set_xlabel(label)
    return ax
