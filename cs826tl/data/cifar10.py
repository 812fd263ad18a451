"""CIFAR-10: 60,000 colour photographs of 32 x 32 pixels, in one array that stays on the disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from cs826tl.assets.derived import derived
from cs826tl.data.sources import Splits, last_of_each

CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
# A noun of WordNet for each. ImageNet has no deer: antelopes are the nearest it has.
_WORDS = "aircraft car bird cat antelope dog frog horse vessel truck"
NOUNS = dict(zip(CLASSES, _WORDS.split(), strict=True))
SIZES = (45_000, 5_000, 10_000)
SIDE = 32  # pixels


def cifar10() -> Splits:
    """45,000 to train on, 5,000 to choose by (the last 500 of each class), and CIFAR-10's own test.

    At the first use the pictures are written into one array of 184 MB, which takes some seconds.
    After that they are read from the disk as they are looked at.
    """
    pictures = _array("pictures.npy", _write_pictures).split(SIZES)
    labels = _array("labels.npy", _write_labels).long().split(SIZES)
    train, validation, test = zip(pictures, labels, strict=True)
    return Splits((train, validation, test), CLASSES, "CIFAR-10")


def _array(file_name: str, write: Callable[[Path, Path], None]) -> Tensor:
    path = derived("cifar10", file_name, write)
    try:
        # Copy on write: what is changed in memory never reaches the file.
        return torch.from_numpy(np.load(path, mmap_mode="c"))
    except (ValueError, EOFError) as error:
        raise OSError(f"{path} is damaged: delete it, and the next use makes it anew") from error


def _write_pictures(folder: Path, path: Path) -> None:
    """Write the pictures in the order of the splits, a file of the asset at a time."""
    held_out = last_of_each(_labels(folder, "train"), SIZES[1] // len(CLASSES)).numpy()
    kept_back = []
    with path.open("wb") as file:
        _write_header(file, (sum(SIZES), 3, SIDE, SIDE))
        for number in range(5):
            pictures = _decoded(folder / f"data_batch_{number + 1}.png")
            chosen = held_out[len(pictures) * number :][: len(pictures)]
            file.write(pictures[~chosen].tobytes())
            kept_back.append(pictures[chosen])
        for pictures in (*kept_back, _decoded(folder / "test_batch.png")):
            file.write(pictures.tobytes())


def _write_labels(folder: Path, path: Path) -> None:
    """Write the labels in the same order."""
    train = _labels(folder, "train")
    held_out = last_of_each(train, SIZES[1] // len(CLASSES))
    labels = torch.cat([train[~held_out], train[held_out], _labels(folder, "test")])
    with path.open("wb") as file:
        _write_header(file, (sum(SIZES),))
        file.write(labels.byte().numpy().tobytes())


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    # np.save would say of a full disk only how many bytes it wrote.
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def _labels(folder: Path, split: str) -> Tensor:
    # "lables" is how the release spells it
    return torch.tensor(json.loads((folder / f"{split}_lables.json").read_text("utf-8")))


def _decoded(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the pictures of a file, in which each is one row of pixels; channels first."""
    with Image.open(path) as image:
        rows = np.asarray(image.convert("RGB"))
    return rows.reshape(len(rows), SIDE, SIDE, 3).transpose(0, 3, 1, 2)
