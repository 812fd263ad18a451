"""Images as a network wants them: every network has its own size and scaling."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from numbers import Integral

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.transforms import InterpolationMode, functional as transforms


class Preprocess(nn.Module):
    """Turn `uint8` images into what one network was trained on: its channels, size and scaling.

    Avoids a silent fault: a network that is fed with another's scaling still answers, only worse.
    `mean` and `std` hold one number per channel, in units of 0 to 255. `size` is the side in pixels
    that images are resized to, whole; with `resize`, the shorter side is resized to `resize` pixels
    and the central square of `size` is cut out. With `size=None` images stay as they are.
    `interpolation` is the way to resize, `bilinear` or `bicubic`, as the network's authors did.
    Grey images are repeated for every channel. Images are red, green, blue; with `bgr` they are
    turned to blue, green, red, which networks from Caffe were trained on, and so are `mean` and
    `std`.

    The constructor raises `ValueError` if `mean` and `std` differ in length, `std` is not above 0,
    or `size` is no whole number from 1.

    >>> Preprocess([127.5], [127.5], size=28)
    Preprocess(size=28, mean=[127.5], std=[127.5])
    """

    def __init__(
        self,
        mean: Sequence[float],
        std: Sequence[float],
        size: int | None,
        *,
        resize: int | None = None,
        interpolation: str = "bilinear",
        bgr: bool = False,
    ) -> None:
        super().__init__()
        if len(mean) != len(std) or not all(s > 0 for s in std):
            raise ValueError(f"mean={mean}, std={std}: give one of each per channel, std above 0")
        if size is not None and not (isinstance(size, Integral) and size >= 1):
            raise ValueError(f"size={size!r}: give a side in whole pixels, 1 or more")
        self.size: int | None = size
        self.resize, self.interpolation, self.bgr = resize, interpolation, bgr
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", _per_channel(mean), persistent=False)
        self.register_buffer("std", _per_channel(std), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return `float32` images of shape `(N, channels, size, size)`.

        Raises `TypeError` for images already scaled, and `ValueError` for another shape.
        """
        self._check(images)
        if self.bgr:
            images = images.flip(1)
        x = self._resized(images).expand(-1, self.channels, -1, -1)
        return (x - self.mean).div_(self.std)

    @property
    def channels(self) -> int:
        """How many channels the network takes."""
        return self.mean.numel()

    def at(self, size: int) -> Preprocess:
        """Return the same preprocessing for another size; what is cut off stays in proportion."""
        other = deepcopy(self)
        other.size = size
        if self.resize and self.size:
            other.resize = round(self.resize * size / self.size)
        return other

    def _check(self, images: Tensor) -> None:
        if images.dtype != torch.uint8:
            raise TypeError(
                f"images are uint8, 0 to 255, shape (N, channels, height, width); got "
                f"{images.dtype}: the network does its own scaling, so leave the pixels as they are"
            )
        channels = self.channels
        if images.dim() != 4 or images.shape[1] not in (1, channels):
            shape = ", ".join(["N", *map(str, images.shape[1:])])
            raise ValueError(
                f"images have shape ({shape}), but this network takes (N, {channels}, "
                f"height, width), or one channel for grey; {_remedy(images, channels)}"
            )

    def _resized(self, images: Tensor) -> Tensor:
        if self.size is None:
            return images
        if self.resize is not None:
            how = InterpolationMode(self.interpolation)
            images = transforms.resize(images, [self.resize], how, antialias=True)
            square: Tensor = transforms.center_crop(images, [self.size, self.size])
            return square
        if images.shape[-2:] == (self.size, self.size):
            return images
        x = images.float()
        return F.interpolate(x, (self.size, self.size), mode=self.interpolation, antialias=True)

    def extra_repr(self) -> str:
        """Show the scaling where PyTorch prints the module."""
        mean, std = (t.flatten().tolist() for t in (self.mean, self.std))
        crop = "" if self.resize is None else f", resize={self.resize}, {self.interpolation}"
        order = ", bgr=True" if self.bgr else ""
        return f"size={self.size}, mean={mean}, std={std}{crop}{order}"


def _per_channel(values: Sequence[float]) -> Tensor:
    return torch.tensor(values, dtype=torch.float32).view(1, -1, 1, 1)


def _remedy(images: Tensor, channels: int) -> str:
    if images.dim() == 3:
        return "give a channel to grey images with images.unsqueeze(1)"
    if images.dim() == 4 and images.shape[-1] in (1, channels):
        return "put the channels second with images.permute(0, 3, 1, 2)"
    return f"keep {channels} with images[:, :{channels}], or convert the images before"
