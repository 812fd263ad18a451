"""A network as an ordered row of named stages, a head, and its own preprocessing."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HEAD = "head"


class Preprocess(nn.Module):
    """Turn `uint8` images into what one network was trained on: RGB, its size, its scaling.

    The pitfall it takes away: every network has its own scaling, and one that is fed with
    another's still answers, only worse. `mean` and `std` are in units of 0 to 255; `size` is the
    side in pixels, or None to leave the images as they are.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float], size: int | None) -> None:
        super().__init__()
        self.size = size
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return `float32` images `(N, 3, size, size)`; `TypeError` for images already scaled."""
        if images.dtype != torch.uint8:
            raise TypeError(
                f"images are uint8, 0 to 255, shape (N, channels, height, width); got "
                f"{images.dtype}: the network does its own scaling, so leave the pixels as they are"
            )
        x = images.float()
        if self.size is not None and x.shape[-2:] != (self.size, self.size):
            x = F.interpolate(x, (self.size, self.size), mode="bilinear", antialias=True)
        return (x.expand(-1, 3, -1, -1) - self.mean) / self.std

    def extra_repr(self) -> str:
        """Show the scaling where PyTorch prints the module."""
        mean, std = (t.flatten().tolist() for t in (self.mean, self.std))
        return f"size={self.size}, mean={mean}, std={std}"


class StagedModel(nn.Module):
    """A network as preprocessing, an ordered row of named stages, and a head.

    `classes` names the head's outputs; `weights` says in words where the weights come from.
    The head is the last of its `parts`, under the name `head`.
    """

    def __init__(
        self,
        title: str,
        preprocess: nn.Module,
        stages: dict[str, nn.Module],
        head: nn.Module,
        classes: Sequence[str],
        weights: str,
    ) -> None:
        super().__init__()
        self.title, self.weights, self.classes = title, weights, tuple(classes)
        self.preprocess = preprocess
        self.stages = nn.Sequential()
        for name, stage in stages.items():
            self.stages.add_module(name, stage)
        self.head = head

    def forward(self, inputs: Tensor) -> Tensor:
        """Return one score a class, shape `(N, classes)`."""
        scores: Tensor = self.head(self.stages(self.preprocess(inputs)))
        return scores

    @property
    def parts(self) -> dict[str, nn.Module]:
        """The stages in order, then the head, by name."""
        return {**dict(self.stages.named_children()), HEAD: self.head}

    def __repr__(self) -> str:
        million = sum(p.numel() for p in self.parameters()) / 1e6
        return (
            f"{self.title}, {self.weights}: {', '.join(self.parts)}; {million:.2f} M parameters, "
            f"{len(self.classes)} classes"
        )


def with_head(backbone: StagedModel, classes: Sequence[str], *, seed: int = 0) -> StagedModel:
    """Return a copy of the backbone with a new, untrained linear head for these classes.

    A copy, so that fine-tuning the model leaves the backbone as it was. It costs the backbone's
    memory once more (VGG16: 0.5 GB); `del backbone` where that is too much. `seed` draws the head.

    Raises `ValueError` for fewer than two classes, or a name given twice.

    >>> from cs826tl import load_backbone
    >>> model = with_head(load_backbone("small_vgg", weights="random"), ["cat", "dog"])
    >>> model.head
    Linear(in_features=128, out_features=2, bias=True)
    """
    if isinstance(classes, str) or len(set(classes)) < max(2, len(classes)):
        raise ValueError(
            f"classes={classes!r}: give the names of two classes or more, no name twice"
        )
    if not isinstance(backbone.head, nn.Linear):
        raise TypeError(f"the backbone's head is not linear but {type(backbone.head).__name__}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = nn.Linear(backbone.head.in_features, len(classes))
    stages = {name: deepcopy(stage) for name, stage in backbone.stages.named_children()}
    weights = f"{backbone.weights}, new head"
    return StagedModel(
        backbone.title, deepcopy(backbone.preprocess), stages, head, classes, weights
    )
