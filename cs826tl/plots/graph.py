"""A graph of neighbours in the plane, and the labels that have spread over it so far."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import ArrayLike
from scipy.sparse import coo_matrix, spmatrix

from cs826tl.plots.embedding import CLASS_MARKERS
from cs826tl.plots.style import LINES, axes_or_new

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

    `labels` holds the class that each node has by now, or -1, drawn as a small grey dot. `told` is
    True for nodes that were given a label at the start; these are large, with a black rim.

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
