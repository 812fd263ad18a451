"""Pictures for the shift explorer: resized to one size, shifted, and shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import gaussian_blur, rotate

from cs826tl.data.tasks import Split

SIDE = 16  # pixels, to which pictures are resized before they are shifted
GRID = 8  # the classifiers see a grid of 8 by 8
SHOWN = (3, 5)  # rows and columns of the pictures on display

Floats: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def grey(images: Tensor) -> Tensor:
    """Return `uint8` pictures as grey ones from 0 to 1, shape `(N, 1, SIDE, SIDE)`."""
    shades = images.float().mean(1, keepdim=True) / 255
    return F.interpolate(shades, (SIDE, SIDE), mode="bilinear", antialias=True)


def shifted(images: Tensor, settings: Mapping[str, float]) -> Tensor:
    """Return grey pictures turned, blurred, and then brighter or darker, still from 0 to 1."""
    if settings["rotation"]:
        images = rotate(images, settings["rotation"], InterpolationMode.BILINEAR)
    if settings["blur"]:
        images = gaussian_blur(images, [9, 9], [settings["blur"]] * 2)
    return (images + settings["brightness"]).clamp(0, 1)


def balanced(split: Split, share: float, classes: int) -> Split:
    """Return as many rows as can be, so that this share of them is of the first half of classes."""
    first = split.labels < classes // 2
    halves = [(first, share), (~first, 1 - share)]
    total = min(int(rows.sum()) / part for rows, part in halves if part > 0)
    kept = [rows.nonzero().flatten()[: round(part * total)] for rows, part in halves]
    return split[torch.cat(kept).sort().values]


def features(images: Tensor) -> Floats:
    """Return what the classifiers see of grey pictures, shape `(N, GRID * GRID)`."""
    grid: Floats = F.adaptive_avg_pool2d(images, GRID).flatten(1).numpy()
    return grid


def montage(split: Split) -> Floats:
    """Return some grey pictures side by side as one, the classes in order."""
    rows, columns = SHOWN
    order = split.labels[: 2 * rows * columns].argsort(stable=True)[::2]
    tiles: Floats = split.inputs[order].reshape(rows, columns, SIDE, SIDE).numpy()
    return tiles.transpose(0, 2, 1, 3).reshape(rows * SIDE, columns * SIDE)


def plane(rows: Floats) -> Floats:
    """Return the first two principal components, shape `(N, 2)`."""
    centred = rows - rows.mean(0)
    components: Floats = centred @ np.linalg.svd(centred, full_matrices=False).Vh[:2].T
    return components
