"""What lecture 05 measures of a network's channels."""

from __future__ import annotations

from collections.abc import Mapping

import torch
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
