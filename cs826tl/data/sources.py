"""Digits, ImageNet's photographs, your own folder: read, and cut so that no split knows another.

A reader returns images as `uint8` tensors `(N, channels, height, width)` in three splits.
"""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from cs826tl.assets.cache import asset_path
from cs826tl.data.pictures import read_picture

Arrays = tuple[Tensor, Tensor]

TEN = tuple("0123456789")
# Rows of load_digits at which another writer begins. UCI did not publish who wrote what; these are
# the breaks that scikit-learn's own course reads off the repeating order of the digits
# (https://inria.github.io/scikit-learn-mooc/python_scripts/cross_validation_grouping.html).
WRITERS = (0, 130, 256, 386, 516, 646, 776, 915, 1029, 1157, 1287, 1415, 1545, 1667, 1797)
PHOTO_SIZE = 224  # pixels


class Splits(NamedTuple):
    """Three `(inputs, labels)` pairs (train, validation, test), the class names, the origin."""

    arrays: tuple[Arrays, Arrays, Arrays]
    classes: tuple[str, ...]
    origin: str


def mnist() -> Splits:
    """5000 images of MNIST, 500 a digit, 60 : 20 : 20. MNIST does not say who wrote which digit."""
    with gzip.open(asset_path("mnist_5k"), "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.uint8)
    images = torch.from_numpy(table[:, :784].copy()).reshape(-1, 1, 28, 28)
    labels = torch.from_numpy(table[:, 784].astype(np.int64))
    return Splits(stratified(images, labels, seed=0), TEN, "MNIST (5000 images)")


def mnist_70k() -> Splits:
    """All of MNIST: 55,000 to train on, 5,000 to choose by (the last 500 of each), its own test."""
    from torchvision.datasets.mnist import read_image_file, read_label_file

    folder = asset_path("mnist_70k") / "data"
    images, labels = (
        [read(str(folder / f"{part}-{kind}-ubyte")) for part in ("train", "t10k")]
        for read, kind in ((read_image_file, "images-idx3"), (read_label_file, "labels-idx1"))
    )
    (images, test_images), (labels, test_labels) = images, labels
    held_out = last_of_each(labels, 500)
    train, validation = ((images[r].unsqueeze(1), labels[r]) for r in (~held_out, held_out))
    return Splits((train, validation, (test_images.unsqueeze(1), test_labels)), TEN, "MNIST")


def digits() -> Splits:
    """1797 pen-written digits of UCI, 8x8; nine writers train, two validate, three test."""
    from sklearn.datasets import load_digits

    data = load_digits()
    images = torch.from_numpy((data.images * (255 / 16)).round().astype(np.uint8)).unsqueeze(1)
    labels = torch.from_numpy(data.target.astype(np.int64))
    cuts = (WRITERS[0], WRITERS[9], WRITERS[11], WRITERS[14])
    train, validation, test = ((images[a:b], labels[a:b]) for a, b in pairwise(cuts))
    return Splits((train, validation, test), TEN, "UCI digits (scikit-learn)")


def imagenet_photos() -> Splits:
    """Twenty labelled photographs of ImageNet: too few to learn from, so none are for training."""
    from torchvision.models import VGG16_Weights

    files = sorted(asset_path("imagenet_photos").glob("*.jpg"))
    images = torch.stack([read_picture(file, PHOTO_SIZE) for file in files])
    labels = torch.tensor([int(file.stem.rpartition("_")[2]) for file in files])
    everything = (images, labels)
    classes = tuple(VGG16_Weights.IMAGENET1K_V1.meta["categories"])
    return Splits(((images[:0], labels[:0]), everything, everything), classes, "ImageNet (foolbox)")


def folder(root: Path, size: int, seed: int) -> Splits:
    """Your own pictures: one sub-folder per class, each shuffled by `seed` and cut 60 : 20 : 20."""
    if not root.is_dir():
        raise ValueError(f"{root} is not a folder: give one with a sub-folder per class")
    classes = sorted(p.name for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    if len(classes) < 2:
        raise ValueError(
            f"{root} has {len(classes)} sub-folder(s); a task needs two classes or more"
        )
    images, labels = [], []
    for label, name in enumerate(classes):
        files = sorted(
            f for f in (root / name).iterdir() if f.is_file() and not f.name.startswith(".")
        )
        if len(files) < 5:
            raise ValueError(f"class {name!r} has {len(files)} picture(s); give five or more")
        images += [read_picture(file, size) for file in files]
        labels += [label] * len(files)
    arrays = stratified(torch.stack(images), torch.tensor(labels), seed)
    return Splits(arrays, tuple(classes), f"folder {root.name!r}")


def last_of_each(labels: Tensor, number: int) -> Tensor:
    """Mark the last `number` rows of every class.

    >>> last_of_each(torch.tensor([0, 1, 0, 1, 1]), 1).tolist()
    [False, False, True, False, True]
    """
    held_out = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        held_out[(labels == label).nonzero()[-number:, 0]] = True
    return held_out


def stratified(images: Tensor, labels: Tensor, seed: int) -> tuple[Arrays, Arrays, Arrays]:
    """Shuffle, and cut every class 60 : 20 : 20."""
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    parts: list[list[Tensor]] = [[], [], []]
    for label in labels.unique():
        rows = order[labels[order] == label]
        cuts = (len(rows) * 6 // 10, len(rows) * 8 // 10)
        for part, chosen in zip(parts, torch.tensor_split(rows, cuts), strict=True):
            part.append(chosen)
    train, validation, test = ((images[r], labels[r]) for r in map(torch.cat, parts))
    return train, validation, test
