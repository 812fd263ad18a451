"""Where the data comes from: splits that know nothing of each other, pictures of every kind."""

import gzip
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from sklearn.datasets import load_digits

from cs826tl.assets.cache import asset_path
from cs826tl.data import photographs, sources, torchvision_sets
from cs826tl.data.pictures import read_picture
from cs826tl.data.sources import WRITERS, Splits

ORANGE = (204, 102, 51)  # a colour of the web's palette, so that a palette keeps it
GREY = (127, 127, 127)  # what it is without its colour


def inputs(splits: Splits) -> list[np.ndarray]:
    return [images.numpy() for images, _ in splits.arrays]


# --- digits -----------------------------------------------------------------------------------


def test_mnist_is_cut_60_20_20_in_every_class_and_every_image_is_in_one_split() -> None:
    splits = sources.mnist()
    counts = [labels.bincount().tolist() for _, labels in splits.arrays]
    assert counts == [[300] * 10, [100] * 10, [100] * 10]
    with gzip.open(asset_path("mnist_5k"), "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.int64)
    ours = np.concatenate(
        [
            np.column_stack([images.reshape(len(images), -1), labels])
            for images, labels in splits.arrays
        ]
    )
    assert np.array_equal(ours[np.lexsort(ours.T)], table[np.lexsort(table.T)])


def test_no_writer_of_the_digits_is_in_two_splits() -> None:
    data = load_digits()
    starts = np.cumsum([0] + [len(labels) for _, labels in sources.digits().arrays])
    writer = np.digitize(np.arange(len(data.target)), WRITERS)
    writers = [set(writer[a:b]) for a, b in pairwise(starts)]
    assert [len(w) for w in writers] == [9, 2, 3]
    assert set.union(*writers) == set(range(1, 15))
    assert sum(map(len, writers)) == 14
    joined = np.concatenate(inputs(sources.digits()))[:, 0]
    assert np.array_equal(joined, np.rint(data.images * 255 / 16))
    assert torch.cat([y for _, y in sources.digits().arrays]).tolist() == data.target.tolist()


def test_every_writer_begins_with_the_ten_digits_in_order() -> None:
    target = load_digits().target
    assert all(target[w : w + 10].tolist() == list(range(10)) for w in WRITERS[:-1])


# --- crops of photographs ---------------------------------------------------------------------


def numbered_picture(height: int, width: int) -> np.ndarray:
    """Return a colour picture in which every pixel says where it is: row, column in two bytes."""
    row, column = np.mgrid[:height, :width]
    return np.stack([row, column // 256, column % 256], axis=2).astype(np.uint8)


def places(images: torch.Tensor) -> set[int]:
    row, high, low = images.long().unbind(1)
    return set((row * 2**16 + high * 256 + low).unique().tolist())


@pytest.mark.parametrize(("height", "width"), [(128, 128), (200, 301), (256, 640)])
def test_no_pixel_of_a_photograph_is_in_two_splits(monkeypatch, height: int, width: int) -> None:
    from skimage import data

    for name in ("brick", "grass", "gravel"):
        monkeypatch.setattr(data, name, lambda: numbered_picture(height, width))
    train, validation, test = (places(images[::3]) for images, _ in photographs.textures().arrays)
    assert not train & validation
    assert not train & test
    assert not validation & test
    assert min(map(len, (train, validation, test))) >= 64 * 64


def test_every_photograph_is_a_class_and_its_own_crops_carry_its_label() -> None:
    splits = photographs.photos()
    assert splits.classes == (
        "astronaut", "cat", "coffee", "motorcycle", "rocket", "temple", "flower",
    )  # fmt: skip
    from skimage import data

    coffee = np.lib.stride_tricks.sliding_window_view(data.coffee(), (64, 64, 3))
    for images, labels in splits.arrays:
        assert images.shape[1:] == (3, 64, 64)
        for crop in images[labels == 2][:3].permute(0, 2, 3, 1).numpy():
            corners = np.argwhere((coffee[:, :, 0, 0, 0] == crop[0, 0]).all(-1))
            assert any(np.array_equal(coffee[y, x, 0], crop) for y, x in corners)


def test_grey_textures_become_three_equal_channels() -> None:
    for images in inputs(photographs.textures()):
        assert (images[:, 0] == images[:, 1]).all()
        assert (images[:, 0] == images[:, 2]).all()


def test_imagenet_photographs_carry_imagenets_numbers_and_are_not_for_training() -> None:
    splits = sources.imagenet_photos()
    (nothing, _), (images, labels), (again, _) = splits.arrays
    assert len(nothing) == 0
    assert images.shape == (20, 3, 224, 224)
    assert torch.equal(images, again)
    assert {4: "strawberry", 16: "dalmatian", 17: "bald eagle"}.items() <= {
        k: splits.classes[label] for k, label in enumerate(labels)
    }.items()


@pytest.mark.parametrize("source", [photographs.photos, sources.mnist])
def test_a_source_is_cut_the_same_way_every_time(source: Callable[[], Splits]) -> None:
    for a, b in zip(inputs(source()), inputs(source()), strict=True):
        assert np.array_equal(a, b)


# --- one's own pictures -----------------------------------------------------------------------


def saved(folder: Path, name: str, image: Image.Image, **options: object) -> Path:
    image.save(folder / name, **options)
    return folder / name


@pytest.mark.parametrize(
    ("name", "mode", "colour"),
    [
        ("rgb.png", "RGB", ORANGE),
        ("rgb.jpg", "RGB", ORANGE),
        ("rgb.webp", "RGB", ORANGE),
        ("palette.png", "P", ORANGE),
        ("palette.gif", "P", ORANGE),
        ("print.jpg", "CMYK", ORANGE),
        ("grey.png", "L", GREY),
        ("grey_alpha.png", "LA", GREY),
        ("alpha.png", "RGBA", ORANGE),
    ],
)
def test_every_kind_of_picture_becomes_rgb(tmp_path, name, mode, colour) -> None:
    file = saved(tmp_path, name, Image.new("RGB", (40, 30), ORANGE).convert(mode))
    with Image.open(file) as image:
        assert image.mode == mode
    read = read_picture(file, 16)
    assert read.shape == (3, 16, 16)
    assert read.dtype == torch.uint8
    wanted = torch.tensor(colour).view(3, 1, 1)
    assert (read.int() - wanted).abs().max() <= 4  # a JPEG rounds


@pytest.mark.parametrize("name", ["deep.png", "deep.tif"])
def test_sixteen_bits_of_grey_become_eight(tmp_path, name: str) -> None:
    grey = Image.fromarray(np.full((20, 20), 200 * 256, np.uint16))
    assert read_picture(saved(tmp_path, name, grey), 8).unique().tolist() == [200]


def test_a_picture_of_floating_point_numbers_is_refused_by_name(tmp_path) -> None:
    file = saved(tmp_path, "float.tif", Image.fromarray(np.full((20, 20), 0.5, np.float32)))
    with pytest.raises(ValueError, match=r"float\.tif .*floating-point"):
        read_picture(file, 8)


def test_what_is_transparent_lies_on_white(tmp_path) -> None:
    half = saved(tmp_path, "half.png", Image.new("RGBA", (20, 20), (0, 0, 0, 127)))
    assert (read_picture(half, 8).int() - 128).abs().max() <= 1
    palette = Image.new("P", (20, 20), 3)
    palette.putpalette([0] * 768)
    clear = saved(tmp_path, "clear.gif", palette, transparency=3)
    assert read_picture(clear, 8).unique().tolist() == [255]


def test_a_rotated_photograph_stands_upright(tmp_path) -> None:
    red_left = np.zeros((32, 32, 3), np.uint8)
    red_left[:, :16] = (255, 0, 0)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it a quarter turn clockwise
    read = read_picture(saved(tmp_path, "r.png", Image.fromarray(red_left), exif=exif), 32)
    assert read[0, :15].min() == 255  # its left is now the top
    assert read[0, 17:].max() == 0


def test_the_central_square_is_kept(tmp_path) -> None:
    wide = np.zeros((30, 90, 3), np.uint8)
    wide[:, 30:60] = 255
    file = saved(tmp_path, "wide.png", Image.fromarray(wide))
    assert read_picture(file, 30).unique().tolist() == [255]


def make_folder(root: Path, **counts: int) -> Path:
    """Make a sub-folder per class with `count` pictures, each of its own colour."""
    for k, (name, count) in enumerate(counts.items()):
        (root / name).mkdir()
        for j in range(count):
            saved(root / name, f"{j}.png", Image.new("RGB", (12, 12), (k, j, 0)))
    return root


def break_png(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"IDAT", b"IDAX"))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(file.read_bytes()[:45]),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_text("not a picture"),
        break_png,
    ],
    ids=["cut short", "empty", "text", "bad chunk"],
)
def test_a_broken_picture_is_named(tmp_path, spoil: Callable[[Path], object]) -> None:
    root = make_folder(tmp_path, cats=6, dogs=6)
    spoil(root / "dogs" / "3.png")
    with pytest.raises(ValueError, match=r"dogs.3\.png cannot be read as a picture"):
        sources.folder(root, 8, seed=0)


def test_a_folder_is_cut_60_20_20_and_every_picture_is_in_one_split(tmp_path) -> None:
    root = make_folder(tmp_path, cats=10, dogs=5)
    (root / ".cache").mkdir()  # what a file browser leaves behind is no class and no picture
    (root / "cats" / ".DS_Store").write_bytes(b"\0")
    (root / "notes.txt").write_text("no class")
    splits = sources.folder(root, 12, seed=0)
    assert splits.classes == ("cats", "dogs")
    assert [y.bincount().tolist() for _, y in splits.arrays] == [[6, 3], [2, 1], [2, 1]]
    seen = [tuple(image[:2, 0, 0].tolist()) for x, _ in splits.arrays for image in x]
    assert sorted(seen) == [(0, j) for j in range(10)] + [(1, j) for j in range(5)]
    for images, labels in splits.arrays:
        assert torch.equal(images[:, 0, 0, 0].long(), labels)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"cats": 6, "dogs": 0}, "class 'dogs' has 0 picture"),
        ({"cats": 6, "dogs": 4}, "class 'dogs' has 4 picture.*five"),
        ({"cats": 6}, "1 sub-folder.*two classes"),
        ({}, "0 sub-folder"),
    ],
)
def test_too_little_is_said_at_the_call(tmp_path, counts: dict[str, int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sources.folder(make_folder(tmp_path, **counts), 8, seed=0)


def test_what_is_no_folder_is_named(tmp_path) -> None:
    file = saved(tmp_path, "cat.png", Image.new("RGB", (9, 9)))
    for path in (file, tmp_path / "nowhere"):
        with pytest.raises(ValueError, match=f"{path.name} is not a folder"):
            sources.folder(path, 8, seed=0)


# --- torchvision's data sets, which no test can reach: stand-ins of their form -----------------


class StandIn:
    """A data set as torchvision's are: a root, a split, `(picture, label)` by index, classes."""

    classes: tuple[object, ...] = ("tulip", "rose")
    sizes = {"train": 20, "trainval": 20, "val": 6, "test": 6}  # noqa: RUF012

    def __init__(self, root: str, split: str, size: str = "", download: bool = False) -> None:
        assert download
        assert Path(root).name == "torchvision"
        self.split = split

    def __len__(self) -> int:
        return self.sizes[self.split]

    def __getitem__(self, k: int) -> tuple[Image.Image, int]:
        if k >= len(self):
            raise IndexError
        shade = list(self.sizes).index(self.split)
        mode = "RGBA" if k == 0 else "RGB"  # not every file of theirs is plain RGB
        return Image.new(mode, (200 + k, 180), (k, shade, 0)), k % 2


class StandInImagenette(StandIn):
    classes = (("tench", "Tinca tinca"), ("English springer",))


@pytest.mark.parametrize(
    ("name", "source", "stand_in", "classes", "sizes"),
    [
        ("Imagenette", torchvision_sets.imagenette, StandInImagenette,
         ("tench", "English springer"), [16, 4, 6]),
        ("Flowers102", torchvision_sets.flowers102, StandIn, ("tulip", "rose"), [20, 6, 6]),
        ("OxfordIIITPet", torchvision_sets.pets, StandIn, ("tulip", "rose"), [16, 4, 6]),
    ],
)  # fmt: skip
def test_torchvision_data_sets_stand_behind_the_same_call(
    monkeypatch, name, source, stand_in, classes, sizes
) -> None:
    monkeypatch.setattr(torchvision.datasets, name, stand_in)
    splits = source()
    assert splits.classes == classes
    assert name in splits.origin
    assert [len(labels) for _, labels in splits.arrays] == sizes
    train, validation, test = (
        {tuple(image[:2, 0, 0].tolist()) for image in images} for images, _ in splits.arrays
    )
    assert len(train) + len(validation) == sizes[0] + sizes[1]
    assert not train & validation
    assert not (train | validation) & test
    for images, labels in splits.arrays:
        assert images.shape[1:] == (3, 160, 160)
        assert torch.equal(images[:, 0, 0, 0].long() % 2, labels)
