"""Pictures of lecture 09: two losses and two rates; what is kept and learnt; many histories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from cs826tl.plots.style import LINES, STYLES, axes_or_new
from cs826tl.training.history import History

ENOUGH, LITTLE = 0.75, 0.05  # learnt at least, forgotten less than


def plot_kept(runs: Sequence[tuple[float, float]], before: float, ax: Axes | None = None) -> Axes:
    """Draw what each run kept of the old task and learnt of the new one, numbered in order [C12].

    `runs` has pairs of accuracies; `before` is that on the old task before fine-tuning. A box holds
    the runs that learn 75 % or more and forget less than 5 points. The axes are `ax`, or those of a
    new figure.

    >>> [text.get_text() for text in plot_kept([(0.5, 0.8)], before=0.98).texts]
    ['learns much, forgets little ', '1']
    """
    ax = axes_or_new(ax, height=3.2)
    corner = 100 * (before - LITTLE), 100 * ENOUGH
    ax.fill_between((corner[0], 104), corner[1], 104, color=LINES[2], alpha=0.2, lw=0)
    ax.annotate("learns much, forgets little ", corner, ha="right", va="bottom")
    for number, run in enumerate(runs, start=1):
        kept, learnt = 100 * np.asarray(run)
        ax.plot(kept, learnt, "o", color=LINES[0], markersize=16)
        ax.annotate(f"{number}", (kept, learnt), color="white", ha="center", va="center")
    ax.set(xlabel="kept of the old task, in %", ylabel="learnt of the new, in %")
    ax.set(xlim=(0, 104), ylim=(0, 104))
    return ax


def plot_histories(
    runs: Mapping[str, Sequence[History]], column: str, ax: Axes | None = None
) -> Axes:
    """Draw one column of many histories against the epoch: thin lines are runs, thick ones means.

    `runs` holds the histories over the seeds for each way of training. The axes are `ax`, or those
    of a new figure.

    >>> rows = [{"epoch": 0, "loss": 2.0}, {"epoch": 1, "loss": 1.0}]
    >>> plot_histories({"cautious": [History(rows)]}, "loss").get_ylabel()
    'loss'
    """
    ax = axes_or_new(ax)
    for k, (way, histories) in enumerate(runs.items()):
        curves = pd.concat([history.table()[column] for history in histories], axis=1)
        colour, style = LINES[k % 6], STYLES[k % 4]
        ax.plot(curves, style, color=colour, alpha=0.4, linewidth=0.8)
        ax.plot(curves.mean(axis=1), style, color=colour, linewidth=2.5, label=way)
    ax.set(xlabel="epoch", ylabel=column.replace("_", " "))
    ax.legend()
    return ax


def plot_two_rates(ax: Axes | None = None) -> Axes:
    """Draw the mechanism: two losses over one weight, and gradient descent at two rates.

    The curves are formulas, not measured; the dots are gradient descent on the new loss. The axes
    are `ax`, or those of a new figure.

    >>> len(plot_two_rates().lines)
    4
    """
    ax, grey = axes_or_new(ax), "#666666"
    weight = np.linspace(-0.8, 4, 200)
    ax.plot(weight, 0.5 * weight**2, "--", color=grey)
    ax.annotate("old task's loss ", (1.9, 1.9), ha="right", color=grey)
    ax.plot(weight, _new_loss(weight), "-", color="black")
    ax.annotate("new task's loss", (3.5, 2.2), ha="right")
    for (name, rate), marker, colour in zip(_RATES.items(), "os", LINES[:2], strict=True):
        path = _descend(rate)
        ax.plot(path, _new_loss(path), marker + ":", color=colour, markersize=6)
        ax.annotate(name, (path[-1], -0.3), ha="center", color=colour)
    ax.set(xlabel="a weight", ylabel="loss", xticks=(), yticks=(), ylim=(-0.5, 3), xlim=(-0.9, 4))
    return ax


_RATES = {"small steps": 0.08, "large steps": 0.3}


def _new_loss(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a loss with two equally good places: 0.7 near the old one, 3 far from it."""
    return 0.5 * (weight - 0.7) ** 2 * (weight - 3) ** 2


def _descend(rate: float, steps: int = 25) -> NDArray[np.float64]:
    path = [0.0]
    for _ in range(steps):
        near, far = path[-1] - 0.7, path[-1] - 3
        path.append(path[-1] - rate * near * far * (near + far))
    return np.array(path)
