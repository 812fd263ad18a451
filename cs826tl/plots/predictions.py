"""A network's likeliest classes for pictures, as bars beside them."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from torch import Tensor

from cs826tl.plots.style import BLUE, GREEN, axes_or_new

TICKS = (0, 0.25, 0.5, 0.75, 1)
ROOM = 0.7  # beside the bars for the picture, in units of probability


def plot_top_k(
    probabilities: Sequence[float],
    names: Sequence[str],
    ax: Axes | None = None,
    *,
    truth: str | None = None,
    picture: Tensor | None = None,
) -> Axes:
    """Draw a bar for each of the likeliest classes, best first [C10].

    The true class, if it is among them, has a tick, a pattern and a colour of its own. `picture`
    is drawn beside the bars: `uint8`, shape `(3, height, width)`.

    >>> ax = plot_top_k([0.6, 0.3], ["jeep", "pickup"], truth="jeep")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['✓ jeep', 'pickup']
    """
    ax = axes_or_new(ax, height=0.4 * len(names) + 0.8)
    for k, (name, probability) in enumerate(zip(names, probabilities, strict=True)):
        colour, hatch = (GREEN, "//") if name == truth else (BLUE, "")
        ax.barh(k, probability, color=colour, hatch=hatch, edgecolor="black", height=0.7)
    ticks = [f"✓ {name}" if name == truth else name for name in names]
    ax.set_yticks(range(len(names)), ticks)
    ax.invert_yaxis()
    ax.set(xlim=(0, 1), xticks=TICKS)
    ax.set_xlabel("probability", loc="left")
    if picture is not None:
        ax.set(xlim=(0, 1 + ROOM))
        beside = ax.inset_axes((1.05, -0.5, ROOM - 0.1, len(names)), transform=ax.transData)
        beside.imshow(picture.permute(1, 2, 0).cpu().numpy())
        beside.set_axis_off()
    return ax


def plot_guesses(
    pictures: Tensor,
    probabilities: Tensor,
    labels: Tensor,
    classes: Sequence[str],
    truths: Sequence[str | None],
) -> Axes:
    """Draw pictures in two columns, each with its likeliest classes as `plot_top_k` does.

    `probabilities` and `labels`, shape `(N, k)`, are what `top_k` returns for the pictures.
    `truths` are the names of their classes, or None for a picture without a label. Returns the
    first axes.

    >>> import torch
    >>> pictures = torch.zeros(2, 3, 8, 8, dtype=torch.uint8)
    >>> shares, labels = torch.tensor([[0.6], [0.9]]), torch.tensor([[0], [1]])
    >>> plot_guesses(pictures, shares, labels, ["cat", "dog"], ["cat", None]).get_yticks()
    array([0])
    """
    rows = -(-len(pictures) // 2)
    _, axes = plt.subplots(rows, 2, figsize=(11, 2 * rows), layout="constrained", squeeze=False)
    for ax in axes.flat[len(pictures) :]:
        ax.set_axis_off()
    for k, picture in enumerate(pictures):
        names = [classes[label] for label in labels[k].tolist()]
        shares = probabilities[k].tolist()
        plot_top_k(shares, names, axes.flat[k], truth=truths[k], picture=picture)
    first: Axes = axes[0, 0]
    return first
