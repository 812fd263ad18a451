"""Crops of a few photographs: two tasks that need no download, each photograph a class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from cs826tl.data.pictures import Picture, channels_first
from cs826tl.data.sources import Arrays, Splits

CROP = 64  # pixels


def photos() -> Splits:
    """Crops of seven colour photographs; each photograph is a class."""
    from skimage import data
    from sklearn.datasets import load_sample_image

    pictures = {
        "astronaut": data.astronaut(),
        "cat": data.chelsea(),
        "coffee": data.coffee(),
        "motorcycle": data.stereo_motorcycle()[0],
        "rocket": data.rocket(),
        "temple": load_sample_image("china.jpg"),
        "flower": load_sample_image("flower.jpg"),
    }
    return _crops(pictures, "photographs from scikit-image and scikit-learn")


def textures() -> Splits:
    """Crops of three grey photographs of surfaces."""
    from skimage import data

    pictures = {"brick": data.brick(), "grass": data.grass(), "gravel": data.gravel()}
    return _crops(pictures, "textures of scikit-image")


def _crops(pictures: dict[str, Picture], origin: str) -> Splits:
    """Crop at random places, so that no pixel is in two splits.

    Training comes from the left half of each photograph. The right half is cut into bands as high
    as a crop, validation and test by turns: so both see the top and the bottom of the scene.
    """
    generator = np.random.default_rng(0)

    def split(part: Callable[[Picture], Picture], number: int, step: int) -> Arrays:
        images = [
            crop
            for picture in pictures.values()
            for crop in _random_crops(part(picture), number, step, generator)
        ]
        return torch.stack(images), torch.arange(len(pictures)).repeat_interleave(number)

    train = split(lambda picture: picture[:, : picture.shape[1] // 2], 300, step=1)
    validation = split(lambda picture: _bands(picture, first=0), 60, step=CROP)
    test = split(lambda picture: _bands(picture, first=1), 60, step=CROP)
    return Splits((train, validation, test), tuple(pictures), origin)


def _bands(picture: Picture, first: int) -> Picture:
    """Return every other band of the right half, stacked."""
    right = picture[:, picture.shape[1] // 2 :]
    tops = range(first * CROP, len(picture) - CROP + 1, 2 * CROP)
    return np.concatenate([right[top : top + CROP] for top in tops])


def _random_crops(
    picture: Picture, number: int, step: int, generator: np.random.Generator
) -> list[Tensor]:
    """Draw crops at any column, and at rows that are multiples of `step`."""
    height, width = picture.shape[:2]
    colour = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    rows = step * generator.integers(0, (height - CROP) // step, number, endpoint=True)
    columns = generator.integers(0, width - CROP, number, endpoint=True)
    return [
        channels_first(colour[y : y + CROP, x : x + CROP].copy())
        for y, x in zip(rows, columns, strict=True)
    ]
