"""CIFAR-10 and all of MNIST: the published facts, splits that never mix, an array made once."""

import errno
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.io import read_image

from cs826tl.assets import derived as derived_module
from cs826tl.assets.cache import ASSETS, AssetMissing, asset_path
from cs826tl.assets.seals import write_seal
from cs826tl.data import cifar10
from cs826tl.data.loading import load_task
from cs826tl.data.questions import ask
from cs826tl.data.tasks import Task


@pytest.fixture(scope="module")
def task() -> Task:
    return load_task("cifar10")


def digests(images: torch.Tensor) -> Counter[int]:
    return Counter(hash(image.numpy().tobytes()) for image in images)


def decoded(path: Path) -> torch.Tensor:
    """Return the pictures of a file of the release, read by torchvision instead of Pillow."""
    return read_image(str(path)).reshape(3, -1, 32, 32).transpose(0, 1)


# The published facts


def test_the_splits_have_the_published_numbers_and_order(task: Task) -> None:
    assert task.test.labels[:8].tolist() == [3, 8, 8, 0, 6, 6, 1, 6]
    assert task.classes[3] == "cat"
    assert task.classes[8] == "ship"
    counts = [task.split(name).labels.bincount().tolist() for name in ("train", "validation")]
    assert counts == [[4_500] * 10, [500] * 10]
    assert task.test.labels.bincount().tolist() == [1_000] * 10


def test_the_channels_have_the_published_means(task: Task) -> None:
    sums = sum(split.inputs.sum((0, 2, 3)) for split in (task.train, task.validation))
    means = sums.double() / (50_000 * 32 * 32)
    assert means.tolist() == pytest.approx([125.3, 123.0, 113.9], abs=0.06)


@pytest.mark.slow
def test_every_picture_is_in_the_split_that_it_belongs_to(task: Task) -> None:
    folder = asset_path("cifar10")
    assert torch.equal(task.test.inputs, decoded(folder / "test_batch.png"))
    published = sum(
        (digests(decoded(folder / f"data_batch_{k}.png")) for k in range(1, 6)), Counter()
    )
    assert digests(task.train.inputs) + digests(task.validation.inputs) == published
    labels = torch.tensor(json.loads((folder / "train_lables.json").read_text()))
    first = decoded(folder / "data_batch_1.png")[:1_000]
    assert torch.equal(task.train.inputs[:1_000], first)  # what is held out comes from the end
    assert torch.equal(task.train.labels[:1_000], labels[:1_000])


def test_mnist_has_the_published_numbers_order_and_scale() -> None:
    task = load_task("mnist_70k")
    assert task.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert task.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert task.validation.labels.bincount().tolist() == [500] * 10
    known = task.train.labels.bincount() + 500
    assert known.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    tested = task.test.labels.bincount().tolist()
    assert tested == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    pixels = torch.cat([task.train.inputs, task.validation.inputs]).double() / 255
    assert float(pixels.mean()) == pytest.approx(0.1307, abs=1e-4)
    assert float(pixels.std()) == pytest.approx(0.3081, abs=1e-4)


# Shots and questions


def test_shots_come_out_of_training_and_the_most_is_4500(task: Task) -> None:
    few = load_task("cifar10", shots=3, seed=1)
    assert few.train.labels.bincount().tolist() == [3] * 10
    assert few.validation.labels.bincount().tolist() == [20] * 10
    assert not torch.equal(few.train.inputs, load_task("cifar10", shots=3, seed=2).train.inputs)
    assert digests(few.train.inputs) <= digests(task.train.inputs)
    with pytest.raises(ValueError, match="shots=4501: cifar10 has from 1 to 4500"):
        load_task("cifar10", shots=4_501)


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("animal", {"vehicle": "airplane automobile ship truck"}),
        ("habitat", {"air": "airplane bird", "water": "ship"}),
    ],
)
def test_questions_about_its_things(question: str, answers: dict[str, str]) -> None:
    few = load_task("cifar10", shots=2)
    asked = ask(few, question)
    rest = asked.classes[-1]
    answer = {thing: name for name, things in answers.items() for thing in things.split()}
    for thing, label in zip(few.test.labels.tolist(), asked.test.labels.tolist(), strict=True):
        assert asked.classes[label] == answer.get(few.classes[thing], rest)
    assert torch.equal(asked.train.inputs, few.train.inputs)


def test_a_question_about_digits_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no question named 'odd'.*animal, habitat"):
        ask(load_task("cifar10", shots=1), "odd")


# The array: made once, whole or not at all


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release of 110 pictures in a cache of its own; its folder."""
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(cifar10, "SIZES", (90, 10, 10))
    folder = tmp_path / "cache" / "cifar10"
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    for name in (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"):
        pixels = random.integers(0, 256, (10 if name == "test_batch" else 20, 1024, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.png")
    (folder / "train_lables.json").write_text(json.dumps([k % 10 for k in range(100)]))
    (folder / "test_lables.json").write_text(json.dumps(list(range(10))))
    write_seal(folder, ASSETS["cifar10"])
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_array_is_written_once_and_read_without_the_pictures(small: Path) -> None:
    first = load_task("cifar10")
    assert names(small) >= {"pictures.npy", "labels.npy"}
    for path in small.glob("*.png"):
        path.unlink()
    again = load_task("cifar10")
    assert torch.equal(first.train.inputs, again.train.inputs)
    assert first.validation.labels.tolist() == list(range(10))


def test_the_splits_are_views_of_one_file_which_nobody_changes(small: Path) -> None:
    task = load_task("cifar10")
    assert task.train.inputs.data_ptr() + 90 * 3072 == task.validation.inputs.data_ptr()
    before = (small / "pictures.npy").read_bytes()
    task.test.inputs.zero_()
    assert (small / "pictures.npy").read_bytes() == before


@pytest.mark.parametrize(("code", "said"), [("ENOSPC", "the disk is full: make room"), ("EIO", "")])
def test_what_cannot_be_written_is_one_line_and_leaves_nothing(
    small: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    before = names(small)

    def fail(*_: object) -> None:
        raise OSError(getattr(errno, code), "no luck")

    monkeypatch.setattr(cifar10, "_decoded", fail)
    with pytest.raises(OSError, match=rf"cifar10: pictures.npy could not be written .*{said}"):
        load_task("cifar10")
    assert names(small) == before


def test_beside_a_shared_folder_that_is_not_ours_the_array_goes_to_our_cache(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, home = names(small), small.parents[1] / "mine"
    monkeypatch.setenv("CS826TL_SHARED", str(small.parent))
    monkeypatch.setenv("CS826TL_HOME", str(home))
    monkeypatch.setattr(derived_module.os, "access", lambda path, mode: False)
    load_task("cifar10")
    assert names(small) == before
    assert names(home / "cifar10") == {"pictures.npy", "labels.npy"}


def test_a_damaged_array_is_named(small: Path) -> None:
    load_task("cifar10")
    content = (small / "pictures.npy").read_bytes()
    for length in (0, len(content) - 1):
        (small / "pictures.npy").write_bytes(content[:length])
        with pytest.raises(OSError, match=r"pictures.npy is damaged: delete it, and the next use"):
            load_task("cifar10")
    (small / "pictures.npy").unlink()
    assert len(load_task("cifar10").train) == 90


def test_without_the_release_the_command_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    for name, task in (("cifar10", "cifar10"), ("mnist_70k", "mnist_70k")):
        with pytest.raises(AssetMissing, match=f"run `cs826tl fetch {name}`"):
            load_task(task)


def test_a_damaged_release_is_not_made_into_an_array(small: Path) -> None:
    (small / "data_batch_3.png").write_bytes(b"")
    with pytest.raises(AssetMissing, match="corrupted"):
        load_task("cifar10")
    assert not list(small.glob("*.npy"))
