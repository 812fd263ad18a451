"""What a score says of networks before fine-tuning, and what fine-tuning says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes

from cs826tl.plots.style import LINES, MARKERS, axes_or_new


def plot_ranking(
    scores: Mapping[str, float], accuracies: Mapping[str, float], ax: Axes | None = None
) -> Axes:
    """Draw a point for each network: its accuracy once fine-tuned, over the score it got before.

    Networks without an accuracy are hollow, at the bottom. If the score ranks well, the points
    climb from left to right.

    >>> plot_ranking({"MNIST": 0.3, "random": -0.2}, {"MNIST": 0.9}).get_ylabel()
    'accuracy, fine-tuned'
    """
    ax = axes_or_new(ax, height=3.2)
    ordered = sorted(scores, key=lambda name: scores[name])
    for place, name in enumerate(ordered):
        known = name in accuracies
        at = scores[name], accuracies.get(name, 0.0)
        ax.plot(*at, "o", color=LINES[0], markersize=9, markerfacecolor=None if known else "white")
        offset = (0, 9 + 11 * (place % 3))  # neighbours' names keep clear
        label = ax.annotate(name, at, offset, textcoords="offset points")
        label.set(ha="center", fontsize=9)
    ax.margins(x=0.15)
    ax.set(xlabel="score, before fine-tuning", ylabel="accuracy, fine-tuned", ylim=(-0.03, 1.2))
    return ax


def plot_rankings(table: pd.DataFrame, scores: Sequence[str], by: str = "source") -> Axes:
    """Draw a panel for each score: `accuracy` over the score, a point for each row of the table.

    `scores` are columns of the table. The column `by` gives points their colour and their mark.
    Returns the first panel's axes.

    >>> rows = {"source": ["a", "b"], "accuracy": [0.5, 0.9], "LEEP": [-2, -1], "LogME": [1, 0]}
    >>> plot_rankings(pd.DataFrame(rows), ["LEEP", "LogME"]).get_xlabel()
    'LEEP'
    """
    figure, axes = plt.subplots(
        1,
        len(scores),
        sharey=True,
        squeeze=False,
        layout="constrained",
        figsize=(2.3 * len(scores), 3.2),
    )
    for ax, score in zip(axes.flat, scores, strict=True):
        for k, (name, rows) in enumerate(table.groupby(by, sort=False)):
            look = MARKERS[k % 6]
            ax.plot(rows[score], rows["accuracy"], look, color=LINES[k % 6], ms=7, label=name)
        ax.set(xlabel=score, ylim=(0, 1.03))
    axes[0, 0].set_ylabel("accuracy, fine-tuned")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names))
    first: Axes = axes[0, 0]
    return first
