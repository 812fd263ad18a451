"""Pictures, filters and feature maps in a grid."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import torch
from matplotlib.axes import Axes
from torch import Tensor


def plot_images(images: Tensor, titles: Sequence[str] = (), columns: int = 8) -> Axes:
    """Draw pictures, filters or feature maps in a grid: bytes as they are, else each in its range.

    `images` has shape `(N, 3, height, width)`, or `(N, 1, …)` and `(N, height, width)` for grey.
    There are `columns` pictures in a row. Returns the first axes.

    >>> import torch
    >>> plot_images(torch.zeros(3, 1, 8, 8), titles=["a", "b", "c"]).get_title()
    'a'
    """
    grid = images.unsqueeze(1) if images.dim() == 3 else images
    columns = min(columns, len(grid))
    rows = -(-len(grid) // columns)
    _, axes = plt.subplots(rows, columns, figsize=(1.3 * columns, 1.45 * rows), squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for k, image in enumerate(grid.float().cpu().numpy()):
        low, high = (0, 255) if images.dtype == torch.uint8 else (image.min(), image.max())
        picture = (image - low) / max(high - low, 1e-12)
        axes.flat[k].imshow(picture.transpose(1, 2, 0).squeeze(), cmap="gray", vmin=0, vmax=1)
        axes.flat[k].set_title(titles[k] if k < len(titles) else "", fontsize=9)
    first: Axes = axes[0, 0]
    return first
