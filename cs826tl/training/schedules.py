"""When each part wakes and at what rate it learns: ULMFiT's schedule as a plan made beforehand.

Slanted triangular rates, discriminative rates and gradual unfreezing (Howard and Ruder 2018,
arXiv:1801.06146) are three factors of one product: a triangle over the steps, a share for every
part, and a 0 or a 1 for every part in every epoch [C13, C14].
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cs826tl.data.tasks import Task
from cs826tl.networks.staging import StagedModel
from cs826tl.training.freezing import frozen_stages
from cs826tl.training.plans import Plan, Rates


def slanted_triangular(steps: int, lr: float, *, cut: float = 0.1, ratio: float = 32.0) -> Rates:
    """Return the learning rate of every step: a short rise to `lr`, then a long fall.

    It rises for the share `cut` of the steps, from `lr / ratio`, and falls back towards that;
    `ratio=1` is a constant rate. The pitfall: by the paper's formula, rates fall below zero at the
    end if `steps * cut` is not a whole number; here they end where the steps end.

    Raises `ValueError` for less than one step, `lr` not above 0, `cut` outside 0 to 1 (1 itself
    excluded), or `ratio` below 1.

    >>> slanted_triangular(10, 1.0, cut=0.2, ratio=4).round(2).tolist()
    [0.25, 0.62, 1.0, 0.91, 0.81, 0.72, 0.62, 0.53, 0.44, 0.34]
    """
    if steps < 1 or not 0 < lr < math.inf or not 0 <= cut < 1 or not 1 <= ratio < math.inf:
        raise ValueError(
            f"steps={steps}, lr={lr}, cut={cut}, ratio={ratio}: steps must be at "
            f"least 1, lr above 0, cut from 0 to below 1, ratio at least 1"
        )
    rise = math.floor(round(steps * cut, 9))  # rounded first: 100 * 0.29 is a little under 29
    step = np.arange(steps)
    height = np.where(step < rise, step / max(rise, 1), 1 - (step - rise) / (steps - rise))
    rates: Rates = lr * (1 + height * (ratio - 1)) / ratio
    return rates


def discriminative_rates(
    parts: Sequence[str], lr: float, *, factor: float = 2.6
) -> dict[str, float]:
    """Return a rate for every part: `lr` for the last, `factor` times less for each one below.

    `parts` are the parts' names, from the input to the head. The pitfall: it compounds. Nine stages
    below the head, the rate is 5000 times smaller, and the stage is all but frozen; the paper's
    network had a handful of layers. Raises `ValueError` for a `factor` that is not above 0.

    >>> discriminative_rates(["stage1", "stage2", "head"], 1.0, factor=2)
    {'stage1': 0.25, 'stage2': 0.5, 'head': 1.0}
    """
    if not 0 < factor < math.inf:
        raise ValueError(f"factor={factor}: give a number above 0; 1 is the same rate for all")
    return {name: lr / factor ** (len(parts) - 1 - k) for k, name in enumerate(parts)}


def ulmfit_plan(
    model: StagedModel,
    task: Task,
    *,
    epochs: int,
    lr: float,
    cut: float = 0.1,
    ratio: float = 32.0,
    factor: float = 2.6,
    stages_per_epoch: float = 1.0,
    batch_size: int = 32,
) -> Plan:
    """Plan to fine-tune as ULMFiT does, with the head at `lr` at the peak [C14].

    Each of the three can be turned off: slanted triangular rates by `ratio=1`, discriminative
    rates by `factor=1`, gradual unfreezing by `stages_per_epoch=math.inf`. `stages_per_epoch` is
    how many more parts are trainable in each epoch, from the head down. `cut` and `ratio` are as in
    `slanted_triangular`; `fit` must be given the same `batch_size`. What is frozen in the model now
    stays frozen.

    Raises `ValueError` as `slanted_triangular` and `discriminative_rates` do, for less than one
    epoch or image per batch, for a `stages_per_epoch` not above 0, or if every part is frozen.

    >>> from cs826tl import load_backbone, load_task
    >>> model, task = load_backbone("small_vgg", weights="random"), load_task("digits", shots=5)
    >>> ulmfit_plan(model, task, epochs=5, lr=0.01).wakes
    {'block1': 5, 'block2': 4, 'block3': 3, 'fc': 2, 'head': 1}
    """
    if epochs < 1 or batch_size < 1 or not stages_per_epoch > 0:
        raise ValueError(
            f"epochs={epochs}, batch_size={batch_size}, stages_per_epoch={stages_per_epoch}: "
            "epochs and batch_size must be at least 1, stages_per_epoch above 0"
        )
    parts = tuple(model.parts)
    batches = math.ceil(len(task.train) / batch_size)
    triangle = slanted_triangular(epochs * batches, lr, cut=cut, ratio=ratio)
    shares = np.array(list(discriminative_rates(parts, 1.0, factor=factor).values()))
    awake = _awake(parts, frozen_stages(model), epochs, stages_per_epoch)
    return Plan(parts, triangle.reshape(epochs, batches, 1) * shares * awake[:, None])


def _awake(parts: Sequence[str], frozen: Sequence[str], epochs: int, per_epoch: float) -> Rates:
    """Return 1 if a part is trainable in an epoch, else 0; shape `(epochs, parts)`."""
    from_the_top = [name for name in reversed(parts) if name not in frozen]
    awake = np.zeros((epochs, len(parts)))
    for epoch in range(epochs):
        number = math.ceil(min(per_epoch * (epoch + 1), len(from_the_top)))
        awake[epoch, [parts.index(name) for name in from_the_top[:number]]] = 1
    return awake
