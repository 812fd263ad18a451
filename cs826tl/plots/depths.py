"""What each depth of a network is worth, beside the codes of one depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from cs826tl.plots.embedding import plot_embedding
from cs826tl.plots.style import BLUE, LINES, axes_or_new


def plot_depths(
    accuracy: Mapping[str, float],
    chosen: str,
    points: ArrayLike,
    labels: ArrayLike,
    classes: Sequence[str],
    ax: Axes | None = None,
) -> Axes:
    """Draw a bar for the accuracy at every depth, and the codes of the chosen depth as points.

    `points`, shape `(N, 2)`, are the codes in the plane, with their `labels`, shape `(N,)`.

    >>> ax = plot_depths({"block1": 0.6, "block2": 0.9}, "block2", [[0, 0]], [0], ["zero", "one"])
    >>> bars, plane = ax.child_axes
    >>> plane.get_title()
    'codes of block2, PCA'
    """
    ax = axes_or_new(ax, width=8.4)
    ax.set_axis_off()
    bars, plane = ax.inset_axes((0, 0, 0.54, 1)), ax.inset_axes((0.58, 0, 0.34, 1))
    places = range(len(accuracy))
    drawn = bars.bar(places, list(accuracy.values()), color=BLUE, edgecolor="black")
    drawn.patches[list(accuracy).index(chosen)].set(facecolor=LINES[4], hatch="//")
    bars.axhline(1 / len(classes), color="black", linestyle=":", label="guessing")
    bars.set(ylim=(0, 1), ylabel="validation accuracy")
    bars.set_xticks(places, list(accuracy), rotation=45)
    bars.legend(loc="upper left")
    plot_embedding(points, labels, classes, plane)
    plane.set_title(f"codes of {chosen}, PCA")
    return ax
