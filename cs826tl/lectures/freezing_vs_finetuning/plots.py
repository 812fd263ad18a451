"""The pictures of lecture 07: one cell of the map, and how the strategies' curves cross [C11]."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cs826tl.plots.style import LINES, MARKERS, STYLES, apart, axes_or_new


def plot_cell(found: Mapping[str, float], pick: str, advice: str, ax: Axes | None = None) -> Axes:
    """Draw the accuracy of every strategy as a bar, the best on top; say which is whose.

    >>> ax = plot_cell({"linear": 0.7, "all": 0.8}, pick="all", advice="linear")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['all (your pick)', 'linear (the slide)']
    """
    ax = axes_or_new(ax, height=2.4)
    names = sorted(found, key=lambda name: -found[name])
    whose = {advice: " (the slide)", pick: " (your pick)"}
    if pick == advice:
        whose = {pick: " (you and the slide)"}
    for row, name in enumerate(names):
        ax.barh(row, found[name], color=LINES[0] if name == pick else "#BBBBBB")
        ax.text(found[name] + 0.01, row, f"{100 * found[name]:.0f} %", va="center")
    ax.set_yticks(range(len(names)), [name + whose.get(name, "") for name in names])
    ax.set(xlim=(0, 1.08), xlabel="test accuracy")
    ax.invert_yaxis()
    return ax


def plot_crossing(
    measured: pd.DataFrame,
    titles: Mapping[str, str],
    ways: Mapping[str, str],
    ax: Axes | None = None,
) -> Axes:
    """Draw the mean accuracy of every way against the labels per class; fills `ax`'s figure.

    `measured` has the columns `task`, `shots`, `way` and `accuracy`; `titles` has a panel's title
    by task, `ways` the words on the line of each way. Returns the first panel.

    >>> rows = [("photographs", shots, "linear", shots / 100) for shots in (5, 40)]
    >>> table = pd.DataFrame(rows, columns=["task", "shots", "way", "accuracy"])
    >>> plot_crossing(table, {"photographs": "near"}, {"linear": "a line"}).get_title()
    'near'
    """
    ax = axes_or_new(ax, width=11.5, height=4)
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    figure.clear()
    panels = figure.subplots(1, len(titles), squeeze=False)[0]
    for panel, (task, title) in zip(panels, titles.items(), strict=True):
        means = measured[measured["task"] == task].groupby(["shots", "way"])["accuracy"].mean()
        curves = means.unstack()[list(ways)]
        ends = apart(curves.iloc[-1].to_numpy(), 0.055)
        for k, (way, words) in enumerate(ways.items()):
            style = MARKERS[k] + STYLES[k % len(STYLES)]
            panel.plot(curves.index, curves[way], style, color=LINES[k], linewidth=2)
            place = (curves.index[-1] * 1.15, ends[k])
            panel.text(*place, words, color=LINES[k], va="center", fontsize=11)
        panel.set(xscale="log", ylim=(0, 1.08), title=title, xlabel="labels per class")
        panel.set_xlim(right=curves.index[-1] * 12)
        panel.set_xticks(curves.index, [str(shots) for shots in curves.index])
        panel.minorticks_off()
    panels[0].set_ylabel("test accuracy")
    first: Axes = panels[0]
    return first
