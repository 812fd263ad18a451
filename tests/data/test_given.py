"""What people bring: arrays, tensors, pictures and datasets become the same task."""

import warnings

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset

from cs826tl.data.given import as_inputs, as_labels, hold_out, read_data
from cs826tl.data.loading import load_task
from cs826tl.data.tasks import Split, Task, task_to_fit, task_to_measure
from cs826tl.networks.heads import with_head
from cs826tl.networks.published import load_backbone
from cs826tl.training.evaluation import evaluate
from cs826tl.training.fitting import fit

DIGITS = load_task("digits", shots=10)
INPUTS = DIGITS.train.inputs.expand(-1, 3, -1, -1).contiguous()  # RGB, as pictures are read
LABELS = DIGITS.train.labels


def pictures() -> list[Image.Image]:
    return [Image.fromarray(image.permute(1, 2, 0).numpy()) for image in INPUTS]


class Folder(Dataset):
    """Pictures and labels one by one, and names, as torchvision's data sets have them."""

    classes = tuple("9876543210")

    def __len__(self) -> int:
        return len(LABELS)

    def __getitem__(self, row: int) -> tuple[Image.Image, int]:
        return pictures()[row], 9 - int(LABELS[row])


class Stream(IterableDataset):
    def __iter__(self):
        return iter(zip(INPUTS, LABELS.tolist(), strict=True))


GIVEN = {
    "tensors": (INPUTS, LABELS),
    "NumPy arrays": (INPUTS.numpy(), LABELS.numpy()),
    "bytes as labels": (INPUTS, LABELS.to(torch.uint8)),
    "a list of labels": (INPUTS, LABELS.tolist()),
    "pictures": (pictures(), LABELS),
    "a list of arrays": (list(INPUTS.numpy()), LABELS),
    "a dataset": TensorDataset(INPUTS, LABELS),
    "part of a dataset": Subset(TensorDataset(INPUTS, LABELS), range(len(LABELS))),
    "a stream": Stream(),
    "a split": Split(INPUTS, LABELS),
}


@pytest.mark.parametrize("data", GIVEN.values(), ids=GIVEN)
def test_everything_is_read_as_the_same_two_tensors(data: object) -> None:
    inputs, labels = read_data(data)
    assert torch.equal(inputs, INPUTS)
    assert inputs.dtype == torch.uint8
    assert torch.equal(labels, LABELS)
    assert labels.dtype == torch.int64


@pytest.mark.parametrize("name", ["tensors", "NumPy arrays", "pictures", "a dataset"])
def test_fit_and_evaluate_take_it_as_they_take_a_task(name: str) -> None:
    data = GIVEN[name]
    task = task_to_fit((INPUTS, LABELS), DIGITS.classes)
    given, wanted = (load_backbone("small_vgg", weights="random") for _ in range(2))
    histories = [
        fit(model, what, epochs=2, device="cpu", progress=False)
        for model, what in ((given, data), (wanted, task))
    ]
    assert histories[0]["validation_loss"] == histories[1]["validation_loss"]
    everything = Task("all", DIGITS.classes, *[Split(INPUTS, LABELS)] * 3, "here")
    assert evaluate(given, data) == evaluate(wanted, everything)


def test_names_of_a_dataset_decide_which_output_is_meant() -> None:
    model = with_head(load_backbone("small_vgg", weights="random"), DIGITS.classes)
    fit(model, (INPUTS, LABELS), epochs=8, lr=3e-3, device="cpu", progress=False)
    assert evaluate(model, Folder()) == evaluate(model, (INPUTS, LABELS)) > 0.5
    two = with_head(model, ["cat", "dog"])
    with pytest.raises(ValueError, match="no output for 9, 8, 7"):
        evaluate(two, Folder())


def test_a_fifth_of_every_class_is_held_out_the_same_each_time() -> None:
    first, again = (task_to_fit((INPUTS, LABELS), DIGITS.classes) for _ in range(2))
    assert first.train.labels.bincount().tolist() == [8] * 10
    assert first.validation.labels.bincount().tolist() == [2] * 10
    assert len(first.test) == 0
    assert torch.equal(first.validation.inputs, again.validation.inputs)
    both = torch.cat([first.train.inputs, first.validation.inputs]).flatten(1)
    assert sorted(both.tolist()) == sorted(INPUTS.flatten(1).tolist())  # none lost, none twice


@pytest.mark.parametrize("number", [1, 2, 4, 5, 9, 100])
def test_a_class_with_two_examples_has_one_in_each_split(number: int) -> None:
    labels = torch.zeros(number, dtype=torch.int64)
    left, held_out = hold_out((labels, labels), one_in=5, seed=3)
    expected = 0 if number == 1 else max(1, number // 5)
    assert (len(left[1]), len(held_out[1])) == (number - expected, expected)


def test_a_task_of_a_dataset_is_cut_three_to_one_to_one() -> None:
    task = Task.from_dataset(Folder(), name="digits of mine")
    sizes = [len(task.split(name)) for name in ("train", "validation", "test")]
    assert sizes == [60, 20, 20]
    assert task.classes == Folder.classes
    assert "digits of mine" in repr(task)
    other = Task.from_dataset(Folder(), seed=1)
    assert not torch.equal(other.test.inputs, task.test.inputs)


def test_splits_of_ones_own_are_left_alone() -> None:
    data = (INPUTS[:30], LABELS[:30])
    task = Task.from_dataset((INPUTS, LABELS), validation=data, test=data, classes=DIGITS.classes)
    assert torch.equal(task.train.inputs, INPUTS)
    assert torch.equal(task.validation.inputs, INPUTS[:30])
    assert torch.equal(task.test.labels, LABELS[:30])
    only_test = Task.from_dataset((INPUTS, LABELS), test=data)
    assert [len(only_test.train), len(only_test.validation)] == [80, 20]
    assert only_test.classes == DIGITS.classes  # the numbers are the names


def test_all_that_is_given_to_measure_is_measured() -> None:
    task = task_to_measure((INPUTS, LABELS), DIGITS.classes)
    assert (len(task.train), len(task.validation), len(task.test)) == (0, 0, 100)


def test_a_split_is_a_dataset_that_loaders_take() -> None:
    split = DIGITS.train
    loader = DataLoader(split, batch_size=32)
    inputs, labels = (torch.cat(parts) for parts in zip(*loader, strict=True))
    assert torch.equal(inputs, split.inputs)
    assert torch.equal(labels, split.labels)
    shuffled = DataLoader(split, batch_size=100, shuffle=True)
    assert sorted(next(iter(shuffled))[1].tolist()) == sorted(split.labels.tolist())
    one, label = split[np.int64(3)]
    assert torch.equal(one, split.inputs[3])
    assert label == split.labels[3]
    assert torch.equal(split[-1][0], split.inputs[-1])
    assert len(split[[1, 2]]) == len(split[1:3]) == len(split[np.array([1, 2])]) == 2


def test_bytes_of_an_array_that_is_not_ones_own_are_copied() -> None:
    frozen = INPUTS.numpy().copy()
    frozen.setflags(write=False)
    as_inputs(frozen)[:] = 0
    assert frozen.max() > 0


def test_pictures_of_two_sizes_and_empty_lists_are_refused() -> None:
    with pytest.raises(ValueError, match=r"have 2 shapes, .*picture.resize\(\(224, 224\)\)"):
        as_inputs([Image.new("RGB", (8, 8)), Image.new("RGB", (9, 8))])
    with pytest.raises(ValueError, match="the list is empty"):
        as_inputs([])
    with pytest.raises(ValueError, match="the dataset is empty"):
        read_data(TensorDataset(INPUTS[:0], LABELS[:0]))
    with pytest.raises(TypeError, match="the inputs are of type str"):
        as_inputs("pictures/cat.jpg")


def test_grey_and_transparent_pictures_become_rgb() -> None:
    grey, clear = Image.new("L", (8, 8), 7), Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    inputs = as_inputs([grey, clear])
    assert inputs.shape == (2, 3, 8, 8)
    assert inputs[0].unique().tolist() == [7]
    assert inputs[1].unique().tolist() == [255]  # laid on white


@pytest.mark.parametrize("mode", ["L", "1"])
def test_grey_pictures_stay_grey_where_all_are(mode: str) -> None:
    drawn = [Image.fromarray(image[0].numpy()).convert(mode) for image in DIGITS.train.inputs]
    inputs = as_inputs(drawn)
    assert inputs.shape == DIGITS.train.inputs.shape  # so a network of one channel can read them
    assert inputs.dtype == torch.uint8
    assert [image[0].tolist() for image in inputs] == [
        np.asarray(picture.convert("L")).tolist() for picture in drawn
    ]


class Labelled(Dataset):
    """One example, of whatever kind."""

    def __init__(self, example: object) -> None:
        self.example = example

    def __len__(self) -> int:
        return 4

    def __getitem__(self, row: int) -> object:
        return self.example


@pytest.mark.parametrize(
    ("example", "error", "said"),
    [
        ((INPUTS[0], 1.7), ValueError, "must be whole numbers"),
        ((INPUTS[0], torch.tensor(3.0)), ValueError, "must be whole numbers"),
        ((INPUTS[0], "cat"), ValueError, r"names with classes.index\(name\)"),
        ((INPUTS[0], torch.eye(10, dtype=torch.int64)[3]), ValueError, r"argmax\(1\)"),
        ((INPUTS[0],), TypeError, r"gives a tuple for each example, and \(input, label\)"),
        ({"image": INPUTS[0], "label": 1}, TypeError, "gives a dict .* wrap it in a Dataset"),
    ],
    ids=["fractions", "floats", "names", "one-hot", "no label", "a dictionary"],
)
def test_what_a_dataset_must_give_is_said(example: object, error, said: str) -> None:
    with pytest.raises(error, match=said):
        read_data(Labelled(example))


@pytest.mark.parametrize("label", [3, np.int8(3), np.array(3), torch.tensor(3)])
def test_a_label_may_be_a_whole_number_of_any_kind(label: object) -> None:
    assert read_data(Labelled((INPUTS[0], label, "more")))[1].tolist() == [3] * 4


def test_labels_that_may_not_be_written_are_copied_without_a_warning() -> None:
    labels = LABELS.numpy().copy()
    labels.setflags(write=False)  # as those of a pandas column
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert torch.equal(as_labels(labels), LABELS)


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int32, np.uint16, np.int64, bool])
def test_whole_numbers_of_every_type_are_labels(kind: type) -> None:
    assert as_labels(np.array([0, 1, 1], kind)).tolist() == [0, 1, 1]
