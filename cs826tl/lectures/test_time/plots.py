"""A picture of lecture 13b: what a layer lets through, through different lenses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from torch import Tensor

from cs826tl.plots.style import LINES, STYLES, axes_or_new

BINS = np.linspace(-4, 4, 61)


def plot_values(values: Mapping[str, Tensor], ax: Axes | None = None) -> Axes:
    """Draw how often each value occurs, a line for each of the tensors, shapes as you like [N07].

    Values beyond −4 and 4 are left out. The axes are `ax`, or those of a new figure.

    >>> import torch
    >>> plot_values({"clean": torch.zeros(2, 3)}).get_legend_handles_labels()[1]
    ['clean']
    """
    ax = axes_or_new(ax, height=2.6)
    for k, (name, tensor) in enumerate(values.items()):
        share, _ = np.histogram(tensor.detach().cpu().numpy(), BINS)
        colour, style = LINES[k % len(LINES)], STYLES[k % len(STYLES)]
        ax.stairs(share / share.sum(), BINS, color=colour, linestyle=style, linewidth=2, label=name)
    ax.set(xlabel="after normalising, in standard deviations", ylabel="share", yticks=())
    ax.legend()
    return ax
