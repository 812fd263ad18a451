"""Pictures of lecture 10: methods between their bounds, and labels that spread over a graph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import ArrayLike
from scipy.sparse import coo_matrix, spmatrix

from cs826tl.plots.embedding import CLASS_MARKERS
from cs826tl.plots.style import LINES, axes_or_new

UP, DOWN = LINES[0], LINES[1]


def _arrow(ax: Axes, row: int, start: float, end: float) -> None:
    colour = UP if end >= start else DOWN
    arrow = {"arrowstyle": "-|>", "color": colour, "lw": 2.2, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", (end, row), (start, row), arrowprops=arrow)


def plot_bounds(tables: Sequence[pd.DataFrame], ax: Axes | None = None) -> Axes:
    """Draw what `compare` returns, one table per seed: an arrow for what the target's rows change.

    `tables` go on `ax`, or on a new figure. There is one row per method. The arrow goes from the
    mean of `source only` to the mean of `adapted`: to the right in blue, to the left in red.
    Whether that is more than luck, the arrow does not say: compare by seed. Dots are the seeds'
    `adapted`; the line at the far end is `target-trained`.

    Raises `ValueError` without a table.

    >>> columns = ["source only", "adapted", "target-trained"]
    >>> table = pd.DataFrame([[0.5, 0.7, 0.9]], index=["CORAL"], columns=columns)
    >>> [text.get_text() for text in plot_bounds([table]).get_yticklabels()]
    ['CORAL']
    """
    if not tables:
        raise ValueError("there is no table: give what compare() returned, one table per seed")
    mean = sum(tables[1:], tables[0]) / len(tables)
    ax = axes_or_new(ax, height=0.36 * len(mean) + 1.1)
    for k, (low, now, high) in enumerate(mean.to_numpy()):
        colour = UP if now >= low else DOWN
        seeds = [table["adapted"].iloc[k] for table in tables]
        ax.plot(seeds, [k + 0.22] * len(seeds), "o", color=colour, ms=4, alpha=0.7)
        ax.plot([low, high], [k, k], "|", color="black", ms=13, mew=1.5)
        _arrow(ax, k, low, now)
    ax.plot([], [], "|", color="black", ms=13, mew=1.5, label="source only, target-trained")
    ax.plot([], [], "o", color=UP, ms=4, label="adapted, one seed: mean gain above zero")
    ax.plot([], [], "o", color=DOWN, ms=4, label="below zero")
    ax.set_yticks(range(len(mean)), [str(name) for name in mean.index])
    ax.set(ylim=(len(mean) - 0.4, -0.6), xlabel="accuracy on the target's test")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, frameon=False, fontsize=8)
    return ax


NOBODY_KNOWS = -1


def plot_graph(
    points: ArrayLike,
    graph: spmatrix,
    labels: ArrayLike,
    classes: Sequence[str],
    told: ArrayLike,
    ax: Axes | None = None,
) -> Axes:
    """Draw nodes at `points`, shape `(N, 2)`, joined where `graph` is not 0 [C06].

    `labels` holds the class that each node has by now, an index of `classes`, or -1, drawn as a
    small grey dot. `told` is True for nodes that were given a label at the start; these are large,
    with a black rim.

    >>> ax = plot_graph([[0, 0], [1, 0]], np.eye(2)[::-1], [0, -1], ["cat"], [True, False])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['cat', 'no label yet', 'given a label']
    """
    ax = axes_or_new(ax, width=7, height=4)
    xy, label, given = np.asarray(points), np.asarray(labels), np.asarray(told, dtype=bool)
    ties = coo_matrix(graph)
    once = ties.row < ties.col
    ends = np.stack([xy[ties.row[once]], xy[ties.col[once]]], axis=1)
    ax.add_collection(LineCollection(list(ends), colors="#BBBBBB", linewidths=0.6, zorder=1))
    for k, name in enumerate(classes):
        colour, marker = LINES[k % len(LINES)], CLASS_MARKERS[k % len(CLASS_MARKERS)]
        x, y = xy[(label == k) & ~given].T
        ax.scatter(x, y, s=36, c=colour, marker=marker, edgecolors="white", lw=0.4, label=name)
        x, y = xy[(label == k) & given].T
        ax.scatter(x, y, s=130, c=colour, marker=marker, edgecolors="black", lw=1.5, zorder=3)
    x, y = xy[label == NOBODY_KNOWS].T
    ax.scatter(x, y, s=12, c="#808080", zorder=2, label="no label yet")
    ax.scatter([], [], s=130, c="white", edgecolors="black", lw=1.5, label="given a label")
    ax.set(xticks=[], yticks=[])
    ax.autoscale_view()
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    return ax
