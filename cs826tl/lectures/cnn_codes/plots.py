"""Pictures of lecture 06: which depth serves which task, and neighbours among codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from cs826tl.data.tasks import Task
from cs826tl.plots.embedding import plot_embedding
from cs826tl.plots.images import plot_images
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


def plot_neighbours(task: Task, rows: Sequence[int], neighbours: Mapping[str, ArrayLike]) -> Axes:
    """Draw validation pictures of a task, each followed by its nearest training pictures [C16].

    `neighbours` has, for every way to measure distance, the rows of the nearest training pictures,
    shape `(len(rows), k)`. A ✗ marks those of another class. Returns the first axes.

    >>> from cs826tl import load_task
    >>> plot_neighbours(load_task("digits"), [0], {"pixels": [[7, 9]]}).get_title()
    '0:'
    """
    pictures, titles = [], []
    for k, row in enumerate(rows):
        label = task.validation.labels[row]
        pictures.append(task.validation.inputs[row])
        titles.append(f"{task.classes[label]}:")
        for way, nearest in neighbours.items():
            for near in torch.as_tensor(nearest)[k]:
                pictures.append(task.train.inputs[near])
                titles.append(way if task.train.labels[near] == label else f"{way} ✗")
    return plot_images(torch.stack(pictures), titles, columns=len(pictures) // len(rows))
