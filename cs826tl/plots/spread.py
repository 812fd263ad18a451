"""Results over seeds: the mean and every single one, in one picture or in several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from cs826tl.plots.style import LINES, axes_or_new


def plot_shares(
    shares: Mapping[str, float], ax: Axes | None = None, *, label: str = "accuracy"
) -> Axes:
    """Draw one bar per share, from 0 to 1, with its percentage written beside it.

    `shares` are drawn from the top in their order; `label` says of what they are. The axes are
    `ax`, or those of a new figure.

    >>> ax = plot_shares({"at home": 0.86, "away": 0.54})
    >>> [text.get_text() for text in ax.texts]
    ['86 %', '54 %']
    """
    ax = axes_or_new(ax, height=0.3 * len(shares) + 0.8)
    bars = ax.barh(list(shares), [*shares.values()], color=LINES[0], height=0.6)
    ax.bar_label(bars, [f"{100 * share:.0f} %" for share in shares.values()], padding=4)
    ax.invert_yaxis()
    ax.set(xlim=(0, 1.1), xticks=(), xlabel=label)
    return ax


def plot_spread(
    results: Mapping[str, Sequence[float]], ax: Axes | None = None, *, label: str = "accuracy"
) -> Axes:
    """Draw one row per method: a dot for every seed, a bar for their mean.

    `results` holds one number per seed, by method; `label` says what they are. The axes are `ax`,
    or those of a new figure.

    >>> plot_spread({"frozen": [0.8, 0.9], "fine-tuned": [0.7, 0.9]}).get_xlabel()
    'accuracy'
    """
    ax = axes_or_new(ax, height=0.5 * len(results) + 1)
    for k, values in enumerate(results.values()):
        ax.barh(k, np.mean(values), color="#DDDDDD", edgecolor="black", height=0.6)
        ax.plot(
            values, [k] * len(values), "o", color=LINES[0], markeredgecolor="white", markersize=8
        )
    ax.set_yticks(range(len(results)), results.keys())
    ax.invert_yaxis()
    ax.set_xlabel(label)
    return ax


def plot_spreads(
    panels: Mapping[str, Mapping[str, Sequence[float]]],
    *,
    label: str = "accuracy",
    columns: int = 2,
    limits: tuple[float, float] | None = None,
) -> Axes:
    """Draw spreads side by side, each under its title, and return the first one's axes.

    `columns` is the number of panels side by side. If all panels have the same rows, only those on
    the left are named. `limits` apply to the axis of every panel; with None each has its own.
    `label` names that axis.

    Raises `ValueError` if there is no panel.

    >>> by_shots = {"5 shots": {"frozen": [0.6, 0.7]}, "50 shots": {"frozen": [0.8, 0.9]}}
    >>> plot_spreads(by_shots, limits=(0, 1)).get_title()
    '5 shots'
    """
    if not panels:
        raise ValueError("there is nothing to draw: give the results of a panel by its title")
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    height = 0.3 * max(len(results) for results in panels.values()) + 1.2
    _, axes = plt.subplots(
        rows, columns, figsize=(11, rows * height), squeeze=False, layout="constrained"
    )
    alike = len({tuple(results) for results in panels.values()}) == 1
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    for k, (title, results) in enumerate(panels.items()):
        ax = plot_spread(results, axes.flat[k], label=label)
        ax.set(title=title, xlim=limits)
        if alike and k % columns:
            ax.set_yticklabels([])
    first: Axes = axes[0, 0]
    return first
