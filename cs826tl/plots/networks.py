"""Networks side by side: accuracy against work and size."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from cs826tl.plots.style import BLUE, axes_or_new

DEAR = 5e9  # multiply-adds from which on a name stands to the right of its circle


def plot_networks(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw `published_networks()`: top-1 over multiply-adds, a circle's area the parameters [C15].

    `table` may also be another one with its columns. The axes are `ax`, or those of a new figure.

    >>> rows = {"top-1": [70.0, 80.0], "multiply-adds": [1e9, 1e10], "parameters": [1e7, 1e8]}
    >>> ax = plot_networks(pd.DataFrame(rows, index=["small", "large"]))
    >>> [text.get_text() for text in ax.texts]
    ['small', 'large']
    """
    ax = axes_or_new(ax, width=8, height=3.8)
    work, top_1 = table["multiply-adds"], table["top-1"]
    ax.scatter(work, top_1, s=table["parameters"] / 1e5, color=BLUE, edgecolor="black")
    for name, row in table.iterrows():
        right = row["multiply-adds"] > DEAR
        radius = (row["parameters"] / 1e5 / 3.14) ** 0.5
        ax.annotate(
            str(name),
            (row["multiply-adds"], row["top-1"]),
            ((radius + 5) * (1 if right else -1), -4),
            textcoords="offset points",
            ha="left" if right else "right",
        )
    ax.set(xscale="log", xlim=(work.min() / 8, work.max() * 8))
    ax.set(ylim=(top_1.min() - 4, top_1.max() + 4))
    ax.set(xlabel="multiply-adds per image", ylabel="published top-1, %")
    return ax
