"""Codes as points in the plane, every class with its own colour and marker."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from cs826tl.plots.style import LINES, MARKERS, axes_or_new

CLASS_MARKERS = MARKERS + "P*<>"  # one each for ten classes


def plot_embedding(
    points: ArrayLike, labels: ArrayLike, classes: Sequence[str], ax: Axes | None = None
) -> Axes:
    """Draw points of shape `(N, 2)`, each with the colour and the marker of its class.

    `labels`, shape `(N,)`, index `classes`. Colours repeat after six classes and markers after ten,
    but no pair of the two before thirty. The axes have no numbers: PCA's depend on the scale, and
    those of t-SNE mean nothing.

    >>> ax = plot_embedding([[0, 0], [1, 1], [2, 0]], [0, 1, 1], ["cat", "flower"])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['cat', 'flower']
    """
    ax = axes_or_new(ax, width=5.5)
    xy, label = np.asarray(points), np.asarray(labels)
    for k, name in enumerate(classes):
        colour, marker = LINES[k % len(LINES)], CLASS_MARKERS[k % len(CLASS_MARKERS)]
        x, y = xy[label == k].T
        ax.scatter(x, y, s=28, c=colour, marker=marker, edgecolors="white", lw=0.4, label=name)
    ax.set(xticks=[], yticks=[])
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    return ax
