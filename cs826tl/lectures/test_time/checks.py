"""The instant check of lecture 13b's exercise: what batch normalisation does with a batch [N07]."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def check_normalised(yours: Callable[[Tensor], Tensor]) -> str:
    """Say whether `yours(x)` normalises every channel by the batch, and if not, why.

    `x` has shape `(N, channels, height, width)`.

    >>> check_normalised(lambda x: x - x.mean((0, 2, 3), keepdim=True))
    'Not yet: the means are right. Divide by the standard deviation, too.'
    >>> def by_channel(x):
    ...     mean, sd = x.mean((0, 2, 3), keepdim=True), x.std((0, 2, 3), keepdim=True)
    ...     return (x - mean) / sd
    >>> check_normalised(by_channel).partition(":")[0]
    'Right'
    """
    generator = torch.Generator().manual_seed(0)
    own = torch.randn(8, 2, 1, 1, generator=generator)  # pictures and channels differ in brightness
    x = 3 * torch.randn(8, 2, 6, 6, generator=generator) + 4 * own
    x[:, 1] += 20
    said = yours(x.clone())
    if not isinstance(said, Tensor) or said.shape != x.shape:
        return "Not yet: return a tensor of the same shape as x."
    dims = {
        "Right: every channel by its own mean and deviation, over all pictures and places.": (
            0, 2, 3,
        ),
        "Not yet: that is by picture. Take the mean over the pictures of the batch, too.": (2, 3),
        "Not yet: that is by place. A channel has one mean, over height and width as well.": (0,),
        "Not yet: that is one mean for all channels. Each channel has its own.": (0, 1, 2, 3),
        "Not yet: that is across the channels. Each channel has its own.": (1,),
    }  # fmt: skip
    for words, over in dims.items():
        centred = x - x.mean(over, keepdim=True)
        if torch.allclose(said, centred / x.std(over, keepdim=True), atol=0.05):
            return words
        if torch.allclose(said, centred / x.var(over, keepdim=True), atol=0.05):
            return "Not yet: you divide by the variance. Take its square root."
    if torch.allclose(said, x - x.mean((0, 2, 3), keepdim=True), atol=1e-3):
        return "Not yet: the means are right. Divide by the standard deviation, too."
    return "Not yet: subtract each channel's mean, then divide by its standard deviation."
