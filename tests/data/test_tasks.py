"""Tasks: their splits, their halves, few shots drawn by a seed, and errors that name the fix."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from PIL import Image

from cs826tl.data.loading import PAIRS, few_shot, load_folder, load_pair, load_task
from cs826tl.data.tasks import Split, Task

OFFLINE = ["mnist", "digits", "photos", "textures", "mnist_0_4", "mnist_5_9", "digits_0_4"]


@pytest.fixture(scope="module")
def digits() -> Task:
    return load_task("digits")


def rows(split: Split) -> set[bytes]:
    """Return every image of a split with its label, as bytes that can be compared."""
    return {image.numpy().tobytes() + bytes([label]) for image, label in pairs(split)}


def pairs(split: Split) -> list[tuple[torch.Tensor, int]]:
    return list(zip(split.inputs, split.labels.tolist(), strict=True))


@pytest.mark.parametrize("name", OFFLINE)
def test_inputs_are_bytes_and_labels_index_the_classes(name: str) -> None:
    task = load_task(name)
    assert task.name == name
    for split in (task.train, task.validation, task.test):
        assert split.inputs.dtype == torch.uint8
        assert split.inputs.dim() == 4
        assert split.inputs.shape[1] in (1, 3)
        assert split.inputs.max() > 200  # the full range of a byte, not 0 to 1 or 0 to 16
        assert split.labels.dtype == torch.int64
        assert split.labels.unique().tolist() == list(range(len(task.classes)))


@pytest.mark.parametrize("digits", ["mnist", "digits"])
def test_the_two_halves_are_the_whole(digits: str) -> None:
    whole, low, high = (load_task(name) for name in (digits, f"{digits}_0_4", f"{digits}_5_9"))
    assert low.classes + high.classes == whole.classes == tuple("0123456789")
    for split in ("train", "validation", "test"):
        upper = high.split(split)
        joined = rows(low.split(split)) | rows(Split(upper.inputs, upper.labels + 5))
        assert joined == rows(whole.split(split))


@settings(max_examples=20, deadline=None)
@given(shots=st.integers(1, 80), seed=st.integers(0, 2**31))
def test_few_shots_are_so_many_a_class_out_of_training(shots: int, seed: int) -> None:
    task = load_task("digits")
    few = few_shot(task, shots, seed)
    assert few.train.labels.bincount().tolist() == [shots] * 10
    drawn = rows(few.train)
    assert len(drawn) == len(few.train)  # nothing is drawn twice
    assert drawn <= rows(task.train)


def test_the_seed_draws_the_shots_and_leaves_the_test_split(digits: Task) -> None:
    first, again, other = (load_task("digits", shots=5, seed=seed) for seed in (1, 1, 2))
    for split in ("train", "validation"):
        assert torch.equal(first.split(split).inputs, again.split(split).inputs)
        assert rows(first.split(split)) != rows(other.split(split))
    for task in (first, other):
        assert torch.equal(task.test.inputs, digits.test.inputs)
        assert torch.equal(task.test.labels, digits.test.labels)


@pytest.mark.parametrize(("shots", "kept"), [(1, 20), (60, 20), (63, 21), (69, 23)])
def test_who_has_few_labels_has_few_to_choose_by(digits: Task, shots: int, kept: int) -> None:
    there = digits.validation.labels.bincount()
    few = few_shot(digits, shots).validation
    assert few.labels.bincount().tolist() == there.clamp(max=kept).tolist()
    assert len(rows(few)) == len(few)
    assert rows(few) <= rows(digits.validation)


def test_shots_that_cannot_be_drawn_name_the_most_there_are(digits: Task) -> None:
    most = int(digits.train.labels.bincount().min())
    assert len(few_shot(digits, most).train) == 10 * most
    for shots in (-1, 0, most + 1):
        with pytest.raises(ValueError, match=rf"shots={shots}: .*from 1 to {most} .*fewest"):
            few_shot(digits, shots)


def test_what_is_no_whole_number_is_refused(digits: Task) -> None:
    with pytest.raises(ValueError, match=r"shots=2\.0: digits has from 1 to"):
        few_shot(digits, 2.0)
    with pytest.raises(ValueError, match=r"seed=0\.5: give a whole number"):
        few_shot(digits, 2, seed=0.5)
    few = few_shot(digits, np.int64(2), seed=np.int64(1))
    assert torch.equal(few.train.inputs, few_shot(digits, 2, seed=1).train.inputs)


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_is_a_whole_source_and_a_few_shot_target(name: str) -> None:
    source, target = load_pair(name, shots=3, seed=4)
    expected = [load_task(part) for part in PAIRS[name]]
    assert [source.name, target.name] == list(PAIRS[name])
    assert torch.equal(source.train.inputs, expected[0].train.inputs)
    assert torch.equal(target.train.inputs, few_shot(expected[1], 3, 4).train.inputs)


@pytest.mark.parametrize("name", ["MNIST", "mnist_0_5", "photos_0_4", "mnist_", ""])
def test_an_unknown_task_lists_all_names(name: str) -> None:
    with pytest.raises(ValueError, match=rf"no task named '{name}'\..* mnist, .*digits_5_9"):
        load_task(name)


def test_an_unknown_pair_and_split_list_what_there_is(digits: Task) -> None:
    with pytest.raises(ValueError, match="Did you mean 'mnist_halves'"):
        load_pair("mnist_halfs")
    with pytest.raises(ValueError, match="train, validation, test"):
        digits.split("valid")


def test_a_split_needs_a_label_for_every_input() -> None:
    with pytest.raises(ValueError, match="3 inputs but 2 labels"):
        Split(torch.zeros(3, 1, 4, 4), torch.zeros(2).long())


def test_rows_of_a_split_keep_inputs_and_labels_together(digits: Task) -> None:
    chosen = torch.tensor([7, 2])
    part = digits.test[chosen]
    assert len(part) == 2
    assert torch.equal(part.inputs, digits.test.inputs[[7, 2]])
    assert torch.equal(part.labels, digits.test.labels[[7, 2]])


def test_a_task_tells_its_sizes_and_its_origin() -> None:
    said = repr(load_task("textures"))
    assert said == (
        "Task 'textures': 3 classes; 900 train, 180 validation, 180 test; "
        "from textures of scikit-image"
    )


def test_a_folder_is_a_task_whose_seed_draws_the_splits(tmp_path) -> None:
    generator = np.random.default_rng(0)
    for name in ("dogs", "cats"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for k in range(10):
            noise = generator.integers(0, 256, (20, 30, 3), dtype=np.uint8)
            Image.fromarray(noise).save(tmp_path / "pets" / name / f"{k}.png")
    task, again = (load_folder(str(tmp_path / "pets"), size=16) for _ in range(2))
    other = load_folder(tmp_path / "pets", size=16, seed=1)
    assert (task.name, task.classes) == ("pets", ("cats", "dogs"))
    assert task.train.inputs.shape == (12, 3, 16, 16)
    assert rows(task.train) == rows(again.train)
    assert rows(task.train) != rows(other.train)
