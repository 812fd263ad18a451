"""The map of the scenarios: one panel per data set, one column per number of examples [C11]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cs826tl.plots.style import LINES, MARKERS, axes_or_new

APART = 0.19  # between two strategies side by side

Cell: TypeAlias = tuple[str, int]  # a task and a number of examples per class


def plot_scenarios(
    results: Mapping[Cell, Mapping[str, Sequence[float]]],
    waiting: Mapping[Cell, str],
    titles: Mapping[str, str],
    chosen: Cell,
    ax: Axes | None = None,
) -> Axes:
    """Draw the accuracies of every strategy in every cell; fills the whole figure of `ax`.

    `results` holds the accuracies by cell and strategy. `waiting` says why a cell is empty, and
    `titles` has the panels' titles by task. Returns the first panel.

    >>> results = {("digits", 5): {"linear": [0.7, 0.8]}, ("digits", 20): {"linear": []}}
    >>> ax = plot_scenarios(results, {("digits", 20): "not run"}, {"digits": "far"}, ("digits", 5))
    >>> [label.get_text() for label in ax.get_xticklabels()], ax.get_title()
    (['5', '20'], 'far')
    """
    ax = axes_or_new(ax, width=7.4, height=4)
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    figure.clear()
    panels = figure.subplots(1, len(titles), sharey=True, squeeze=False)[0]
    for panel, (task, title) in zip(panels, titles.items(), strict=True):
        cells = {cell: found for cell, found in results.items() if cell[0] == task}
        _draw_columns(panel, list(cells), waiting, chosen)
        _draw_accuracies(panel, list(cells.values()))
        panel.set_title(title)
    panels[0].set_ylabel("test accuracy")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    first: Axes = panels[0]
    return first


def _draw_columns(
    ax: Axes, cells: Sequence[Cell], waiting: Mapping[Cell, str], chosen: Cell
) -> None:
    for k, cell in enumerate(cells):
        if cell in waiting:
            ax.axvspan(k - 0.42, k + 0.42, color="#EEEEEE", zorder=0)
            ax.text(k, 0.5, waiting[cell], rotation=90, ha="center", va="center", color="#444444")
        if cell == chosen:
            ax.axvspan(k - 0.46, k + 0.46, facecolor="none", edgecolor="black", linestyle="--")
    ax.set(xlim=(-0.5, len(cells) - 0.5), ylim=(0, 1), xlabel="examples per class")
    ax.set_xticks(range(len(cells)), [str(shots) for _, shots in cells])


def _draw_accuracies(ax: Axes, columns: Sequence[Mapping[str, Sequence[float]]]) -> None:
    for index, strategy in enumerate(columns[0]):
        colour, marker = LINES[index], MARKERS[index]
        shift = APART * (index - (len(columns[0]) - 1) / 2)
        run = [(k + shift, found[strategy]) for k, found in enumerate(columns) if found[strategy]]
        means = [float(np.mean(values)) for _, values in run]
        ax.plot([x for x, _ in run], means, "_", color=colour, markersize=13, markeredgewidth=2.5)
        dots = [(x, value) for x, values in run for value in values]
        ax.plot(
            [x for x, _ in dots], [y for _, y in dots], marker,
            color=colour, markersize=6.5, markeredgecolor="white", label=strategy,
        )  # fmt: skip
