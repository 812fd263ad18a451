"""Public data sets that torchvision downloads, kept in the course's cache."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from PIL import Image

from cs826tl.assets.cache import cache_dir
from cs826tl.data.pictures import central_square
from cs826tl.data.sources import Arrays, Splits

Labelled = tuple[Image.Image, int]
TORCHVISION_SIZE = 160  # pixels


def imagenette() -> Splits:
    """Ten easy classes of ImageNet, through torchvision (99 MB over the internet, once)."""
    from torchvision.datasets import Imagenette

    root = _torchvision_root()
    train = Imagenette(root, split="train", size="160px", download=True)
    test = Imagenette(root, split="val", size="160px", download=True)
    classes = tuple(names[0] for names in train.classes)
    return _from_torchvision(train, None, test, classes, "Imagenette (torchvision)")


def flowers102() -> Splits:
    """102 flowers of Oxford, through torchvision (330 MB over the internet, once)."""
    from torchvision.datasets import Flowers102

    train, validation, test = (
        Flowers102(_torchvision_root(), split, download=True) for split in ("train", "val", "test")
    )
    classes = tuple(train.classes)
    return _from_torchvision(train, validation, test, classes, "Flowers102 (torchvision)")


def pets() -> Splits:
    """37 breeds of cats and dogs, through torchvision (800 MB over the internet, once)."""
    from torchvision.datasets import OxfordIIITPet

    train, test = (
        OxfordIIITPet(_torchvision_root(), split, download=True) for split in ("trainval", "test")
    )
    return _from_torchvision(train, None, test, tuple(train.classes), "OxfordIIITPet (torchvision)")


def _torchvision_root() -> str:
    return str(cache_dir() / "torchvision")


def _from_torchvision(
    train: Iterable[Labelled],
    validation: Iterable[Labelled] | None,
    test: Iterable[Labelled],
    classes: Sequence[str],
    origin: str,
) -> Splits:
    """Read a torchvision data set; if it has no validation split, a fifth of training is one."""
    images, labels = _arrays(train)
    if validation is None:
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
        held_out, kept = order[: len(order) // 5], order[len(order) // 5 :]
        parts = ((images[kept], labels[kept]), (images[held_out], labels[held_out]))
    else:
        parts = ((images, labels), _arrays(validation))
    return Splits((*parts, _arrays(test)), tuple(classes), origin)


def _arrays(dataset: Iterable[Labelled]) -> Arrays:
    pairs = [(central_square(image, TORCHVISION_SIZE), label) for image, label in dataset]
    return torch.stack([image for image, _ in pairs]), torch.tensor([label for _, label in pairs])
