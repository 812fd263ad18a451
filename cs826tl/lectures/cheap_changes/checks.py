"""The instant check of lecture 13's exercise: an adapter merged into the weights [N01]."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

SCALE = 8.0
Merge = Callable[[Tensor, Tensor, Tensor, float], Tensor]


def check_merged(yours: Merge) -> str:
    """Say whether `yours(weight, down, up, scale)` merges an adapter, and if not, why.

    `weight` has shape `(outputs, inputs)`, `down` `(rank, inputs)`, `up` `(outputs, rank)`.

    >>> check_merged(lambda weight, down, up, scale: weight + up @ down)
    'Not yet: multiply what is added by scale.'
    >>> check_merged(lambda weight, down, up, scale: weight + scale * up @ down).partition(":")[0]
    'Right'
    """
    generator = torch.Generator().manual_seed(0)
    weight, down, up = (
        torch.randn(shape, generator=generator) for shape in ((5, 5), (2, 5), (5, 2))
    )
    given = weight.clone(), down.clone(), up.clone()
    try:
        said = yours(*given, SCALE)
    except RuntimeError as error:
        return f"Not yet: the shapes do not fit ({error}). `up @ down` has the shape of `weight`."
    if not isinstance(said, Tensor) or said.shape != weight.shape:
        return "Not yet: return a tensor of the shape of weight."
    if not torch.equal(given[0], weight):
        return "Not yet: it changes the weight that it was given. Return a new one."
    change = up @ down
    answers = {
        "Right: one matrix again, so an answer costs what it did before.": weight + SCALE * change,
        "Not yet: multiply what is added by scale.": weight + change,
        "Not yet: that is only the change. Add it to weight.": SCALE * change,
        "Not yet: the weight is as it was. Add scale times up @ down.": weight,
        "Not yet: first `down`, then `up`. As matrices: `up @ down`.": (
            weight + SCALE * (down.T @ up.T)
        ),
        "Not yet: scale multiplies only what is added.": SCALE * (weight + change),
    }
    for words, value in answers.items():
        if torch.allclose(said, value, atol=1e-4):
            return words
    return "Not yet: the layer's weight, plus scale times `up @ down`."
