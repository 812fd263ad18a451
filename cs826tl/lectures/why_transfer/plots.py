"""Two domains side by side, and accuracy over the number of labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from cs826tl.plots.embedding import plot_embedding
from cs826tl.plots.style import LINES, MARKERS, axes_or_new

SLIDE = 50_000  # labels, as the slide has it


def plot_learning_curves(
    curves: Mapping[str, tuple[Sequence[int], ArrayLike]], ax: Axes | None = None
) -> Axes:
    """Draw accuracy over the number of labels, and the slide's 50,000 as an upright line [C01].

    `curves` has the numbers of labels, and accuracies of shape `(seeds, numbers)`, by the name of
    each way; the lines are means, in bands from the worst seed to the best.

    >>> ax = plot_learning_curves({"from scratch": ([10, 100], [[0.2, 0.5], [0.4, 0.7]])})
    >>> ax.lines[0].get_ydata().round(2)
    array([0.3, 0.6])
    """
    ax = axes_or_new(ax)
    for k, (name, (numbers, found)) in enumerate(curves.items()):
        rows, colour = np.asarray(found, dtype=float), LINES[k % len(LINES)]
        style = MARKERS[k % len(MARKERS)] + "-"
        ax.semilogx(numbers, rows.mean(axis=0), style, color=colour)
        end = (numbers[-1], rows.mean(axis=0)[-1])
        ax.annotate(name, end, (4, 9), textcoords="offset points", ha="right", color=colour)
        ax.fill_between(numbers, rows.min(axis=0), rows.max(axis=0), color=colour, alpha=0.2, lw=0)
    ax.axvline(SLIDE, color="black", linestyle=":")
    ax.annotate("the slide ", (SLIDE, 0.05), ha="right")
    ax.set(xlabel="labels in all", ylabel="accuracy", ylim=(0, 1.1))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    return ax


def plot_domains(
    pictures: Mapping[str, ArrayLike], points: ArrayLike, domain: ArrayLike, ax: Axes | None = None
) -> Axes:
    """Draw a grey picture for each of two domains, and the rows of both as points.

    `pictures` has brightness from 0 to 1, shape `(height, width)`, by the domains' names; `points`
    has shape `(N, 2)`, and `domain` says for each point which of the two it comes from, 0 or 1.

    >>> pictures = {"train on": np.zeros((4, 4)), "test on": np.ones((4, 4))}
    >>> ax = plot_domains(pictures, [[0, 0], [1, 1]], [0, 1])
    >>> [inset.get_title() for inset in ax.child_axes]
    ['train on', 'test on', '']
    """
    ax = axes_or_new(ax, width=9, height=2.6)
    ax.set_axis_off()
    for left, (name, picture) in zip((0, 0.33), pictures.items(), strict=True):
        inset = ax.inset_axes((left, 0, 0.31, 0.9))
        inset.imshow(np.asarray(picture), cmap="gray", vmin=0, vmax=1)
        inset.set_axis_off()
        inset.set_title(name)
    plot_embedding(points, domain, tuple(pictures), ax.inset_axes((0.68, 0, 0.2, 0.9)))
    return ax
