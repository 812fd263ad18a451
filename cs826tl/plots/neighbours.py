"""Pictures beside their nearest neighbours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from cs826tl.data.tasks import Task
from cs826tl.plots.images import plot_images


def plot_neighbours(task: Task, rows: Sequence[int], neighbours: Mapping[str, ArrayLike]) -> Axes:
    """Draw validation pictures, each followed by its nearest training pictures [C16].

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
