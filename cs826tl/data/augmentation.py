"""Augmentation that goes with frozen stages: a few fixed views of every image [C07].

Fresh views in every epoch would make the frozen stages run in every epoch. Views that are drawn
once are run once, like any other image.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from cs826tl.data.tasks import Split, Task

SHIFT = 8  # the largest shift is this part of the side


def augmented(task: Task, views: int, *, mirror: bool, seed: int = 0) -> Task:
    """Return the task with `views` more views of every training image, drawn once by `seed`.

    A view is the image shifted by up to an eighth of its side, its border repeated, and, with
    `mirror`, mirrored by chance. The pitfalls: the views are the same in every epoch, which helps
    less than fresh ones would; and an epoch is `views + 1` times as long. A mirrored 2 is not a
    2, so `mirror` has no default.

    Raises `ValueError` for less than one view.

    >>> from cs826tl import load_task
    >>> augmented(load_task("digits", shots=5), 3, mirror=False)
    Task 'digits': 10 classes; 200 train, 200 validation, 382 test; from UCI digits (scikit-learn)
    """
    if views < 1:
        raise ValueError(f"views={views}: it must be at least 1")
    generator = torch.Generator().manual_seed(seed)
    images = task.train.inputs
    seen = [images, *(_view(images, mirror, generator) for _ in range(views))]
    train = Split(torch.cat(seen), task.train.labels.repeat(views + 1))
    return replace(task, train=train)


def _view(images: Tensor, mirror: bool, generator: torch.Generator) -> Tensor:
    rows, columns = (_shifted(len(images), side, generator) for side in images.shape[-2:])
    if mirror:
        flip = torch.rand(len(images), 1, generator=generator) < 0.5
        columns = torch.where(flip, columns.flip(1), columns)
    image = torch.arange(len(images))[:, None, None]
    return images.movedim(1, -1)[image, rows[:, :, None], columns[:, None, :]].movedim(-1, 1)


def _shifted(number: int, side: int, generator: torch.Generator) -> Tensor:
    """Return for every image which rows (or columns) of it to take, shape `(number, side)`."""
    most = side // SHIFT
    shift = torch.randint(-most, most + 1, (number, 1), generator=generator)
    return (torch.arange(side) + shift).clamp(0, side - 1)
