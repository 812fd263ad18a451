"""Evaluation mode for as long as it is needed, and not longer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def evaluation_mode(*modules: nn.Module) -> Iterator[None]:
    """Put the modules into evaluation mode; restore the mode of every part when the block ends.

    Avoids a trap of `model.eval()`: measuring in the middle of training would leave dropout and
    batch normalisation switched off for the rest of it. `model.train()` is no way back either,
    because frozen parts were in evaluation mode before.

    >>> model = nn.Sequential(nn.Dropout(), nn.BatchNorm1d(2).eval())
    >>> with evaluation_mode(model):
    ...     model[0].training
    False
    >>> model.training, model[0].training, model[1].training
    (True, True, False)
    """
    modes = [(part, part.training) for module in modules for part in module.modules()]
    try:
        for module in modules:
            module.eval()
        yield
    finally:
        for part, training in modes:
            part.training = training
