"""What lecture 05 measures of a network's channels, and the simplest rival of its codes."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

ANIMALS = (2, 3, 4, 5, 6, 7)  # of CIFAR-10's classes; the others are vehicles
NINE = 9


def one_kind(peaks: Mapping[str, Tensor], labels: Tensor) -> dict[str, float]:
    """Return what share of each block's channels, in %, picks nine animals, or nine vehicles [C16].

    `peaks` holds for each block how strongly each channel answers to each photograph, shape `(N,
    channels)`; `labels` are CIFAR-10's. A channel that never answers is left out: its nine would
    be anything.

    >>> labels = torch.tensor([3, 5] * 9)
    >>> one_kind({"block1": torch.rand(18, 64) + 1}, labels)
    {'block1': 100.0}
    """
    animal = torch.isin(labels, torch.tensor(ANIMALS))
    found = {}
    for block, answers in peaks.items():
        alive = answers[:, answers.amax(0) > 0]
        animals = animal[alive.topk(NINE, dim=0).indices].sum(0)
        found[block] = 100 * ((animals == 0) | (animals == NINE)).float().mean().item()
    return found


def colours(images: Tensor) -> Tensor:
    """Return how often each of 64 colours occurs in each picture, shape `(N, 64)`.

    `images` are `uint8`, shape `(N, 3, height, width)`. Each of red, green and blue is cut into
    four shades.

    >>> colours(torch.zeros(1, 3, 8, 8, dtype=torch.uint8))[0, :2].tolist()
    [1.0, 0.0]
    """
    shade = (images // 64).long()
    number = (16 * shade[:, 0] + 4 * shade[:, 1] + shade[:, 2]).flatten(1)
    return F.one_hot(number, 64).float().mean(1)
