"""Pictures of lecture 06: depth against size, one task's depths, and neighbours among codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import pandas as pd
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from cs826tl.data.tasks import Task
from cs826tl.plots.embedding import plot_embedding
from cs826tl.plots.images import plot_images
from cs826tl.plots.style import BLUE, LINES, MARKERS, STYLES, axes_or_new


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


def plot_sizes(
    results: pd.DataFrame,
    titles: Mapping[str, str],
    colours: Mapping[str, float],
    ax: Axes | None = None,
) -> Axes:
    """Draw what a linear classifier reads off every depth, a line per picture size [C09].

    `results` has a row per `task`, `weights` ("imagenet" or "random"), `size` and `depth`, and a
    column per seed, in points; random weights may be missing. `titles` has a panel's title by task,
    `colours` what colours alone reach there. Fills the figure of `ax` and returns its first panel.

    >>> rows = [("photographs", w, 64, d) for w in ("imagenet", "random") for d in ("pixels", "1")]
    >>> index = pd.MultiIndex.from_tuples(rows, names=["task", "weights", "size", "depth"])
    >>> table = pd.DataFrame({0: [30.0, 60, 30, 40]}, index)
    >>> plot_sizes(table, {"photographs": "near"}, {"photographs": 25.0}).get_title()
    'near'
    """
    ax = axes_or_new(ax, width=11.5, height=4.2)
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    figure.clear()
    panels = figure.subplots(1, len(titles), sharey=True, squeeze=False)[0]
    for panel, (task, title) in zip(panels, titles.items(), strict=True):
        means = results.mean(axis=1).xs(task, level="task").groupby(level=[0, 1], sort=False)
        parts = {run: part.droplevel([0, 1]) for run, part in means}
        runs = cast("dict[tuple[str, int], pd.Series[float]]", parts)
        learnt = {size: run for (weights, size), run in runs.items() if weights == "imagenet"}
        for k, (size, run) in enumerate(learnt.items()):
            style = MARKERS[k] + STYLES[k]
            panel.plot(run.to_numpy(), style, color=LINES[k], linewidth=2, label=f"{size} pixels")
        others = [run for (weights, _), run in runs.items() if weights == "random"]
        for random in others:
            panel.plot(random.to_numpy(), ":", color="#888888", linewidth=1.5)
        if others:
            middle = len(others[0]) // 2
            panel.text(middle, others[0].iloc[middle] - 7, "random weights", color="#666666")
        panel.axhline(colours[task], color="black", linewidth=1)
        panel.text(0, colours[task] - 5, "colours only")
        panel.set_xticks(range(len(run)), list(run.index), rotation=45)
        panel.set(ylim=(0, 100), title=title)
        panel.legend(loc="upper left" if run.iloc[0] < 50 else "lower right")
    panels[0].set_ylabel("right, of 100 test pictures")
    first: Axes = panels[0]
    return first


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
