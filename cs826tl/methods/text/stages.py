"""The stages of the character language model; each adds its features to those from below.

Features go from stage to stage with shape `(N, channels, length)`, as in a convolution.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Numbers(nn.Module):
    """Let through a tokenizer's numbers only: `int64`, shape `(N, length)`, in the vocabulary.

    Raises `TypeError` or `ValueError`, saying what came instead and what makes such numbers.
    """

    def __init__(self, vocabulary: int, *, made_by: str) -> None:
        super().__init__()
        self.vocabulary, self.made_by = vocabulary, made_by

    def forward(self, numbers: Tensor) -> Tensor:
        """Return the numbers as they are."""
        if numbers.dtype != torch.int64 or numbers.dim() != 2:
            raise TypeError(
                f"texts come as int64 numbers, shape (N, length); got {numbers.dtype}, "
                f"shape {tuple(numbers.shape)}: make them with {self.made_by}"
            )
        low, high = (int(limit) for limit in numbers.aminmax())
        if low < 0 or high >= self.vocabulary:
            raise ValueError(
                f"numbers from {low} to {high}: the vocabulary goes from 0 (padding) "
                f"to {self.vocabulary - 1}"
            )
        return numbers


class Embedding(nn.Embedding):
    """A vector for each character, one for padding too."""

    def forward(self, numbers: Tensor) -> Tensor:
        """Return features `(N, channels, length)` of numbers `(N, length)`."""
        return super().forward(numbers).transpose(1, 2)


class AddingLSTM(nn.Module):
    """An LSTM over the last `features_in` channels; its output is put beside all that comes in."""

    def __init__(self, features_in: int, features: int) -> None:
        super().__init__()
        self.features_in = features_in
        self.lstm = nn.LSTM(features_in, features, batch_first=True)

    def forward(self, below: Tensor) -> Tensor:
        """Return `(N, channels + features, length)`."""
        out, _ = self.lstm(below[:, -self.features_in :].transpose(1, 2))
        return torch.cat([below, out.transpose(1, 2)], 1)


class Attention(nn.Module):
    """The mean over all positions, each weighted by what one learned vector says of it."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(features))

    def forward(self, below: Tensor) -> Tensor:
        """Return `(N, channels)`."""
        shares = torch.einsum("ncl,c->nl", below, self.weight).softmax(1)
        return torch.einsum("ncl,nl->nc", below, shares)

    def extra_repr(self) -> str:
        """Show the number of channels where PyTorch prints the module."""
        return str(len(self.weight))


class Pooling(nn.Module):
    """The last position beside the mean and the highest value of all: ULMFiT's concat pooling.

    (Howard and Ruder 2018, arXiv:1801.06146, section 3.3.)
    """

    def forward(self, below: Tensor) -> Tensor:
        """Return `(N, 3 * channels)`."""
        return torch.cat([below[:, :, -1], below.mean(2), below.amax(2)], 1)
