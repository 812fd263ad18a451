"""Pictures of every kind as RGB tensors of one size; what cannot be read is named."""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

Picture = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def read_picture(file: Path | bytes, size: int) -> Tensor:
    """Read a picture, from a file or what was in one, as RGB `uint8`: its central square, resized.

    Raises `ValueError`, naming the file, if it is broken, is no picture, or has so many pixels that
    it may be meant to fill the memory.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(file) if isinstance(file, bytes) else file) as opened:
                return central_square(ImageOps.exif_transpose(opened), size)
    except (
        OSError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        name = "your file" if isinstance(file, bytes) else file
        unknown_format = isinstance(error, UnidentifiedImageError)
        reason = "it is of no format that Pillow knows" if unknown_format else error
        raise ValueError(f"{name} cannot be read as a picture: {reason}") from error


def as_rgb(image: Image.Image) -> Image.Image:
    """Lay a transparent picture on white; then greyscale, palette and CMYK all become RGB."""
    if image.mode == "F":
        raise OSError("its pixels are floating-point numbers; save it with 8 bits a channel")
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would cut off at 255
        image = Image.fromarray((np.asarray(image) // 256).clip(0, 255).astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def channels_first(picture: Picture) -> Tensor:
    """Return a picture of shape `(height, width, channels)` as PyTorch has it, channels first."""
    return torch.from_numpy(picture).permute(2, 0, 1).contiguous()


def central_square(image: Image.Image, size: int) -> Tensor:
    """Return the picture's largest central square as RGB, resized to `size` pixels."""
    square = ImageOps.fit(as_rgb(image), (size, size), Image.Resampling.BILINEAR)
    return channels_first(np.array(square))


def colour_histogram(images: Tensor) -> Tensor:
    """Return how often each of 64 colours occurs in each picture, shape `(N, 64)`.

    It is the rival of codes that knows nothing but colour. `images` are `uint8`, shape `(N, 3 or 1,
    height, width)`; red, green and blue are cut into four shades each.

    >>> colour_histogram(torch.zeros(1, 3, 8, 8, dtype=torch.uint8))[0, :2].tolist()
    [1.0, 0.0]
    """
    shade = (images.expand(-1, 3, -1, -1) // 64).long()
    number = (16 * shade[:, 0] + 4 * shade[:, 1] + shade[:, 2]).flatten(1)
    counts = torch.zeros(len(number), 64).scatter_add_(1, number, torch.ones(number.shape))
    return counts / number.shape[1]
