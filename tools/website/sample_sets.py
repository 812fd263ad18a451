"""Pictures that the page brings along: two sets to try it with, and twenty of ImageNet."""

from __future__ import annotations

import io
from base64 import b64encode
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from cs826tl import load_task
from cs826tl.assets.cache import asset_path
from cs826tl.data.tasks import Split, Task

# Photographs that their owners gave away (CC0 or public domain).
PHOTOS = ("astronaut", "cat", "coffee", "rocket")
TRAIN, HELD_BACK = 10, 6  # pictures per class


def sample_sets() -> list[list[dict[str, Any]]]:
    """Return two sets of crops as JSON; the pictures are PNG in base64.

    The crops to train on and those held back share no pixel of the photographs, as in the course's
    own tasks, so the page must not deal them again.
    """
    textures = load_task("textures")
    return [_sample_set(load_task("photos"), PHOTOS), _sample_set(textures, textures.classes)]


def _sample_set(task: Task, names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {"className": name, "name": f"{name} {number}.png", "heldBack": held_back, "data": data}
        for name in names
        for held_back, split, wanted in ((False, task.train, TRAIN), (True, task.test, HELD_BACK))
        for number, data in enumerate(_crops(split, task.classes.index(name), wanted), 1)
    ]


def _crops(split: Split, label: int, wanted: int) -> list[str]:
    """Return crops of one class, spread evenly over all that there are."""
    rows = (split.labels == label).nonzero().flatten()
    chosen = rows[torch.linspace(0, len(rows) - 1, wanted).long()]
    return [_png(split.inputs[row]) for row in chosen]


def imagenet_photographs() -> list[dict[str, Any]]:
    """Return the twenty photographs as JSON: JPEG in base64, and the number of their class."""
    return [
        {"name": file.name, "label": int(file.stem.rpartition("_")[2]), "data": _base64(file)}
        for file in sorted(asset_path("imagenet_photos").glob("*.jpg"))
    ]


def _base64(file: Any) -> str:
    return b64encode(file.read_bytes()).decode("ascii")


def _png(picture: Tensor) -> str:
    stream = io.BytesIO()
    array = picture.expand(3, -1, -1).permute(1, 2, 0).numpy()
    Image.fromarray(array).save(stream, "PNG", optimize=True)
    return b64encode(stream.getvalue()).decode("ascii")
