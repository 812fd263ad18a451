"""The instant check of lecture 06's exercise: averaging maps over the picture."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

SHAPE = (2, 3, 4, 5)  # pictures, channels, height, width


def check_pooling(yours: Callable[[Tensor], Tensor]) -> str:
    """Say whether `yours` averages each map over the picture, and if not, what is wrong.

    >>> check_pooling(lambda maps: maps.mean(dim=(2, 3))).partition(":")[0]
    'Right'
    >>> check_pooling(lambda maps: maps.mean(dim=1))
    'Not yet: the shape is (2, 4, 5), and should be (2, 3): one number for each map of a picture.'
    """
    maps = torch.arange(120.0).reshape(SHAPE)
    found = yours(maps)
    if not isinstance(found, Tensor):
        return f"Not yet: it returns {found!r}, and should return a tensor."
    if tuple(found.shape) != SHAPE[:2]:
        wrong = f"the shape is {tuple(found.shape)}, and should be {SHAPE[:2]}"
        return f"Not yet: {wrong}: one number for each map of a picture."
    if not torch.allclose(found, maps.mean(dim=(2, 3))):
        return "Not yet: the shape is right, but the numbers are not the maps' averages."
    return "Right: one number for each map, its average over the picture."
