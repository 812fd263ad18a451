"""Pictures made worse in five ways at five severities, as CIFAR-10-C defines them.

The definitions and numbers are those of Hendrycks and Dietterich (2019, arXiv:1903.12261) for
pictures of 32 x 32 pixels. On larger ones, noise and blur of the same numbers do less harm.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from numbers import Integral
from typing import Any

import numpy as np
import torch
from PIL import Image
from skimage.filters import gaussian
from torch import Tensor

from cs826tl._errors import unknown

Pictures = np.ndarray[Any, np.dtype[Any]]  # (N, channels, height, width), from 0 to 255
AT_ONCE = 1_000  # pictures in memory as floating-point numbers


def corrupted(images: Tensor, corruption: str, severity: int, seed: int, stream: int = 0) -> Tensor:
    """Return `uint8` images of shape `(N, channels, height, width)`, corrupted.

    Each `stream` of a seed has random numbers of its own.

    Raises `ValueError` for another corruption, a severity that is not 1 to 5, or a negative seed.
    """
    if corruption not in CORRUPTIONS:
        raise unknown("corruption", corruption, CORRUPTIONS)
    if not isinstance(severity, Integral) or not 1 <= severity <= 5:
        raise ValueError(f"severity={severity!r}: give 1 (slight) to 5 (severe)")
    if not isinstance(seed, Integral) or seed < 0:
        raise ValueError(f"seed={seed!r}: give a whole number from 0 on")
    if not len(images):
        return images
    corrupt, strengths = CORRUPTIONS[corruption]
    generator, strength = np.random.default_rng((seed, stream)), strengths[severity - 1]
    parts = [
        corrupt(part.numpy().astype(np.float64), strength, generator)
        for part in images.split(AT_ONCE)
    ]
    # Fractions are cut off, as in CIFAR-10-C, but rounding errors must not decide.
    pixels = [torch.from_numpy((part.clip(0, 255) + 1e-6).astype(np.uint8)) for part in parts]
    return torch.cat(pixels)


def _noise(pictures: Pictures, scale: float, generator: np.random.Generator) -> Pictures:
    return pictures + generator.normal(scale=255 * scale, size=pictures.shape)


def _blur(pictures: Pictures, sigma: float, generator: np.random.Generator) -> Pictures:
    return np.asarray(gaussian(pictures, sigma=(0, 0, sigma, sigma)))


def _fog(
    pictures: Pictures, strength: tuple[float, float], generator: np.random.Generator
) -> Pictures:
    thickness, decay = 255 * strength[0], strength[1]
    height, width = pictures.shape[2:]
    clouds = plasma(len(pictures), max(height, width), decay, generator)
    foggy = pictures + thickness * clouds[:, None, :height, :width]
    brightest = pictures.max((1, 2, 3), keepdims=True)
    return np.asarray(foggy * brightest / (brightest + thickness))


def _contrast(pictures: Pictures, kept: float, generator: np.random.Generator) -> Pictures:
    means: Pictures = pictures.mean((2, 3), keepdims=True)
    return means + kept * (pictures - means)


def _jpeg(pictures: Pictures, quality: int, generator: np.random.Generator) -> Pictures:
    return np.stack([_through_jpeg(picture, quality) for picture in pictures.astype(np.uint8)])


def _through_jpeg(picture: Pictures, quality: int) -> Pictures:
    file, rows = BytesIO(), picture.transpose(1, 2, 0)
    grey = rows.shape[2] == 1
    Image.fromarray(rows[..., 0] if grey else rows).save(file, "JPEG", quality=quality)
    with Image.open(file) as image:
        return np.asarray(image).reshape(rows.shape).transpose(2, 0, 1)


def plasma(number: int, size: int, decay: float, generator: np.random.Generator) -> Pictures:
    """Return `number` clouds from 0 to 1, by the diamond-square algorithm; each wraps around.

    Their side is `size`, or the next power of two. The larger `decay`, the smoother they are.
    """
    side = 1 << (size - 1).bit_length()
    cloud = np.zeros((number, side, side))
    step, wobble = side, 100.0

    def mean(corners: Pictures) -> Pictures:
        return corners / 4 + wobble * generator.uniform(-wobble, wobble, corners.shape)

    while step >= 2:
        half = step // 2
        corners = cloud[:, ::step, ::step]
        across = corners + np.roll(corners, -1, axis=2)
        down = corners + np.roll(corners, -1, axis=1)
        centres = mean(across + np.roll(across, -1, axis=1))
        cloud[:, half::step, half::step] = centres
        cloud[:, ::step, half::step] = mean(across + centres + np.roll(centres, 1, axis=1))
        cloud[:, half::step, ::step] = mean(down + centres + np.roll(centres, 1, axis=2))
        step, wobble = half, wobble / decay
    cloud -= cloud.min((1, 2), keepdims=True)
    return np.asarray(cloud / cloud.max((1, 2), keepdims=True))


CORRUPTIONS: dict[str, tuple[Callable[..., Pictures], tuple[Any, ...]]] = {
    "gaussian_noise": (_noise, (0.04, 0.06, 0.08, 0.09, 0.10)),
    "gaussian_blur": (_blur, (0.4, 0.6, 0.7, 0.8, 1.0)),
    "fog": (_fog, ((0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75))),
    "contrast": (_contrast, (0.75, 0.5, 0.4, 0.3, 0.15)),
    "jpeg_compression": (_jpeg, (80, 65, 58, 50, 40)),
}
