"""The picture of the scenario map: size to the right, similar data left, different ones right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cs826tl.plots.style import LINES, MARKERS
from cs826tl.widgets.scenarios.cells import Cell

APART = 0.19  # between two strategies side by side


def plot_scenarios(
    results: Mapping[Cell, Mapping[str, Sequence[float]]],
    waiting: Mapping[Cell, str],
    titles: Mapping[str, str],
    chosen: Cell,
    ax: Axes,
) -> None:
    """Draw the accuracies of every cell's strategies, a panel a task; takes all of ax's figure.

    `waiting` says why a cell is empty; `titles` heads the panels, by the tasks' names.
    """
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    figure.clear()
    panels = figure.subplots(1, len(titles), sharey=True)
    for panel, (task, title) in zip(panels, titles.items(), strict=True):
        cells = {cell: found for cell, found in results.items() if cell[0] == task}
        _draw_columns(panel, list(cells), waiting, chosen)
        _draw_accuracies(panel, list(cells.values()))
        panel.set_title(title)
    panels[0].set_ylabel("test accuracy")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)


def _draw_columns(
    ax: Axes, cells: Sequence[Cell], waiting: Mapping[Cell, str], chosen: Cell
) -> None:
    for k, cell in enumerate(cells):
        if cell in waiting:
            ax.axvspan(k - 0.42, k + 0.42, color="#EEEEEE", zorder=0)
            ax.text(k, 0.5, waiting[cell], rotation=90, ha="center", va="center", color="#444444")
        if cell == chosen:
            ax.axvspan(k - 0.46, k + 0.46, facecolor="none", edgecolor="black", linestyle="--")
    ax.set(xlim=(-0.5, len(cells) - 0.5), ylim=(0, 1), xlabel="examples a class")
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
