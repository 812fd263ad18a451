"""Where the tasks' data comes from, and how each source is cut so that no split knows another.

A reader returns images as `uint8` tensors `(N, channels, height, width)` in three splits.
"""

from __future__ import annotations

import gzip
import warnings
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from cs826tl.assets.cache import asset_path, cache_dir

Arrays = tuple[Tensor, Tensor]
Labelled = tuple[Image.Image, int]
Picture = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

TEN = tuple("0123456789")
# Rows of load_digits at which another writer begins. UCI did not publish who wrote what; these are
# the breaks that scikit-learn's own course reads off the repeating order of the digits
# (https://inria.github.io/scikit-learn-mooc/python_scripts/cross_validation_grouping.html).
WRITERS = (0, 130, 256, 386, 516, 646, 776, 915, 1029, 1157, 1287, 1415, 1545, 1667, 1797)
CROP = 64  # pixels
PHOTO_SIZE = 224  # pixels
TORCHVISION_SIZE = 160  # pixels


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
    return Splits(_stratified(images, labels, seed=0), TEN, "MNIST (5000 images)")


def digits() -> Splits:
    """1797 pen-written digits of UCI, 8x8; nine writers train, two validate, three test."""
    from sklearn.datasets import load_digits

    data = load_digits()
    images = torch.from_numpy((data.images * (255 / 16)).round().astype(np.uint8)).unsqueeze(1)
    labels = torch.from_numpy(data.target.astype(np.int64))
    cuts = (WRITERS[0], WRITERS[9], WRITERS[11], WRITERS[14])
    train, validation, test = ((images[a:b], labels[a:b]) for a, b in pairwise(cuts))
    return Splits((train, validation, test), TEN, "UCI digits (scikit-learn)")


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
    return _crops(pictures, "photographs of scikit-image and scikit-learn")


def textures() -> Splits:
    """Crops of three grey photographs of surfaces."""
    from skimage import data

    pictures = {"brick": data.brick(), "grass": data.grass(), "gravel": data.gravel()}
    return _crops(pictures, "textures of scikit-image")


def imagenet_photos() -> Splits:
    """Twenty labelled photographs of ImageNet: too few to learn from, so none are for training."""
    from torchvision.models import VGG16_Weights

    files = sorted(asset_path("imagenet_photos").glob("*.jpg"))
    images = torch.stack([read_picture(file, PHOTO_SIZE) for file in files])
    labels = torch.tensor([int(file.stem.rpartition("_")[2]) for file in files])
    everything = (images, labels)
    classes = tuple(VGG16_Weights.IMAGENET1K_V1.meta["categories"])
    return Splits(((images[:0], labels[:0]), everything, everything), classes, "ImageNet (foolbox)")


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
            raise ValueError(f"class {name!r} has {len(files)} picture(s); five are the least")
        images += [read_picture(file, size) for file in files]
        labels += [label] * len(files)
    arrays = _stratified(torch.stack(images), torch.tensor(labels), seed)
    return Splits(arrays, tuple(classes), f"folder {root.name!r}")


def read_picture(file: Path | bytes, size: int) -> Tensor:
    """Read a picture, from a file or what was in one, as RGB `uint8`: its central square, resized.

    Raises `ValueError` that names the file where it is broken, no picture, or of so many pixels
    that it may be made to fill the memory.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(file) if isinstance(file, bytes) else file) as opened:
                return _central_square(ImageOps.exif_transpose(opened), size)
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


def _stratified(images: Tensor, labels: Tensor, seed: int) -> tuple[Arrays, Arrays, Arrays]:
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


def _torchvision_root() -> str:
    return str(cache_dir() / "torchvision")


def _from_torchvision(
    train: Iterable[Labelled],
    validation: Iterable[Labelled] | None,
    test: Iterable[Labelled],
    classes: Sequence[str],
    origin: str,
) -> Splits:
    """Read a torchvision data set; where it has no validation split, a fifth of training is one."""
    images, labels = _arrays(train)
    if validation is None:
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
        held_out, kept = order[: len(order) // 5], order[len(order) // 5 :]
        parts = ((images[kept], labels[kept]), (images[held_out], labels[held_out]))
    else:
        parts = ((images, labels), _arrays(validation))
    return Splits((*parts, _arrays(test)), tuple(classes), origin)


def _arrays(dataset: Iterable[Labelled]) -> Arrays:
    pairs = [(_central_square(image, TORCHVISION_SIZE), label) for image, label in dataset]
    return torch.stack([image for image, _ in pairs]), torch.tensor([label for _, label in pairs])


def _central_square(image: Image.Image, size: int) -> Tensor:
    square = ImageOps.fit(as_rgb(image), (size, size), Image.Resampling.BILINEAR)
    return channels_first(np.array(square))
