"""Two domains side by side: pictures of each, and both as points."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from cs826tl.plots.embedding import plot_embedding
from cs826tl.plots.style import axes_or_new


def plot_domains(
    pictures: Mapping[str, ArrayLike], points: ArrayLike, domain: ArrayLike, ax: Axes | None = None
) -> Axes:
    """Draw a grey picture for each of two domains, and the rows of both as points.

    `pictures` has brightness from 0 to 1, shape `(height, width)`, by the domains' names; `points`
    has shape `(N, 2)`, and `domain` says for each point which of the two it comes from, 0 or 1.

    >>> pictures = {"train on": np.zeros((4, 4)), "test on": np.ones((4, 4))}
    >>> ax = plot_domains(pictures, [[0, 0], [1, 1]], [0, 1])
    >>> [inset.get_title() for inset in ax.child_axes]
    ['train on', 'test on', '']
    """
    ax = axes_or_new(ax, width=9, height=2.6)
    ax.set_axis_off()
    for left, (name, picture) in zip((0, 0.33), pictures.items(), strict=True):
        inset = ax.inset_axes((left, 0, 0.31, 0.9))
        inset.imshow(np.asarray(picture), cmap="gray", vmin=0, vmax=1)
        inset.set_axis_off()
        inset.set_title(name)
    plot_embedding(points, domain, tuple(pictures), ax.inset_axes((0.68, 0, 0.2, 0.9)))
    return ax
