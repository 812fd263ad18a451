"""What stands in a network's place for a head where its authors' head is not to be had."""

from __future__ import annotations

from torch import Tensor, nn


class NoHead(nn.Module):
    """The head of a network that has none: it holds nothing, and says how to get one.

    `instead` names another network that has a head.

    >>> NoHead()(None)
    Traceback (most recent call last):
    ValueError: this network has no head: take its codes with encode(backbone, images), or give ...
    """

    def __init__(self, instead: str = "") -> None:
        super().__init__()
        self.instead = instead

    def forward(self, codes: Tensor) -> Tensor:
        """Raise `ValueError`, with the fix."""
        other = f", or {self.instead}" if self.instead else ""
        raise ValueError(
            f"this network has no head: take its codes with encode(backbone, images), or give it a "
            f"head with with_head(backbone, task.classes){other}"
        )
