"""Pictures of lecture 13: an adapter beside its layer, and the line between two networks."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from cs826tl.plots.style import LINES, MARKERS, STYLES, axes_or_new


def plot_adapter(outputs: int, inputs: int, rank: int, ax: Axes | None = None) -> Axes:
    """Draw a layer's matrix and the two thin ones of its adapter, all to one scale.

    >>> ax = plot_adapter(outputs=320, inputs=1152, rank=8)
    >>> [(patch.get_width(), patch.get_height()) for patch in ax.patches]
    [(1152, 320), (8, 320), (1152, 8)]
    """
    ax = axes_or_new(ax)
    gap = max(inputs, outputs) / 2
    second = inputs + gap  # where the adapter begins
    places = {
        f"frozen: {outputs:,} × {inputs:,}\n= {outputs * inputs:,}": (0, 0, inputs, outputs),
        f"up: {outputs:,} × {rank}\n= {outputs * rank:,}": (second, 0, rank, outputs),
        f"down: {rank} × {inputs:,}\n= {rank * inputs:,}": (
            second + rank + gap / 4,
            outputs - rank,
            inputs,
            rank,
        ),
    }
    for k, (name, (left, bottom, width, height)) in enumerate(places.items()):
        colour = LINES[k] if k else "0.75"
        ax.add_patch(Rectangle((left, bottom), width, height, facecolor=colour, edgecolor=colour))
        ax.text(left, bottom - gap / 16, name, va="top")
    ax.text(inputs + gap / 2, outputs / 2, "+", ha="center", va="center", fontsize=16)
    ax.set(xlim=(-gap / 8, 2 * inputs + 2 * gap + rank), ylim=(-gap / 2, outputs + gap / 8))
    ax.set_aspect("equal")
    ax.axis("off")
    return ax


def plot_line(line: pd.DataFrame, weight: float | None = None, ax: Axes | None = None) -> Axes:
    """Draw the share right of each task over the weight of the second network.

    `line` has a row for each weight and a column for each task; `weight` marks one with an upright
    line. The names stand at the right ends of the lines.

    >>> line = pd.DataFrame({"old": [0.9, 0.3], "new": [0.2, 0.9]}, index=[0.0, 1.0])
    >>> [text.get_text() for text in plot_line(line).texts]
    ['old', 'new']
    """
    ax = axes_or_new(ax)
    for k, task in enumerate(line.columns):
        look = MARKERS[k % 6] + STYLES[k % 4]
        ax.plot(line.index, line[task], look, color=LINES[k % 6], markersize=5)
        end = (line.index[-1], line[task].iloc[-1])
        label = ax.annotate(str(task), end, (8, 0), textcoords="offset points")
        label.set(va="center", color=LINES[k % 6])
    if weight is not None:
        ax.axvline(weight, color="black", linewidth=1.2)
    ax.set(xlabel="weight of the second network", ylabel="right", xlim=(-0.03, 1.65), ylim=(0, 1))
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    return ax


def plot_trade(
    old: Mapping[str, float],
    new: Mapping[str, float],
    *,
    names: tuple[str, str],
    ax: Axes | None = None,
) -> Axes:
    """Draw what each way gets right of the new task over what is left of the old one.

    `old` and `new` have the shares by way, in any order; `names` are the tasks', the old one first.
    Further up and to the right is better.

    >>> ax = plot_trade({"LoRA": 0.6}, {"LoRA": 0.8}, names=("photographs", "forms"))
    >>> ax.get_xlabel(), [text.get_text() for text in ax.texts]
    ('photographs: right', ['LoRA'])
    """
    ax = axes_or_new(ax)
    middle = (min(old.values()) + max(old.values())) / 2
    for k, way in enumerate(new):
        place, right = (old[way], new[way]), old[way] > middle
        ax.plot(*place, MARKERS[k % 6], color=LINES[k % 6], markersize=9)
        label = ax.annotate(way, place, (-9 if right else 9, 0), textcoords="offset points")
        label.set(va="center", ha="right" if right else "left")
    ax.set(xlabel=f"{names[0]}: right", ylabel=f"{names[1]}: right")
    ax.margins(0.15)
    return ax
