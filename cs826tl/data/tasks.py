"""A task: labelled inputs in three splits, with their class names and where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, overload

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from cs826tl._errors import unknown
from cs826tl.data import sources
from cs826tl.data.given import (
    HELD_OUT,
    Data,
    as_inputs,
    as_labels,
    class_names,
    hold_out,
    read_data,
)
from cs826tl.data.sources import Splits

Rows = Tensor | slice | Sequence[int] | np.ndarray[Any, Any]
YOURS, ORIGIN = "yours", "your data"


@dataclass(frozen=True, eq=False)
class Split(Dataset[tuple[Tensor, Tensor]]):
    """Inputs and their labels, one row each; a `torch.utils.data.Dataset`, so loaders take it.

    Images are `uint8`, 0 to 255, shape `(N, channels, height, width)`: a network does its own
    scaling. Texts are `int64` character numbers, shape `(N, length)` (see `text_task`). Labels are
    `int64`, shape `(N,)`, and index the task's `classes`. `split[3]` is one input with its label;
    `split[rows]` is another split.

    The constructor raises `ValueError` where there are more inputs than labels or fewer, and for
    labels that are not whole numbers.
    """

    inputs: Tensor
    labels: Tensor

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", as_inputs(self.inputs))
        object.__setattr__(self, "labels", as_labels(self.labels))
        if len(self.inputs) != len(self.labels):
            raise ValueError(f"{len(self.inputs)} inputs but {len(self.labels)} labels")

    def __len__(self) -> int:
        return len(self.labels)

    @overload
    def __getitem__(self, rows: int) -> tuple[Tensor, Tensor]: ...

    @overload
    def __getitem__(self, rows: Rows) -> Split: ...

    def __getitem__(self, rows: int | Rows) -> tuple[Tensor, Tensor] | Split:
        if isinstance(rows, (int, np.integer)):
            return self.inputs[rows], self.labels[rows]
        return Split(self.inputs[rows], self.labels[rows])


@dataclass(frozen=True, eq=False)
class Task:
    """Something to learn: three splits, the names of the classes, and the data's origin.

    Train on `train`, choose on `validation`, and look at `test` once, at the end.

    The constructor raises `ValueError` for a label without a class.
    """

    name: str
    classes: tuple[str, ...]
    train: Split
    validation: Split
    test: Split
    origin: str

    def __post_init__(self) -> None:
        for name in ("train", "validation", "test"):
            _check_labels(self.split(name).labels, len(self.classes), f"{name} labels")

    @classmethod
    def from_dataset(
        cls,
        train: Data,
        *,
        validation: Data | None = None,
        test: Data | None = None,
        classes: Sequence[str] | None = None,
        name: str = YOURS,
        seed: int = 0,
    ) -> Task:
        """Make a task of your own data: a `torch.utils.data.Dataset`, or `(inputs, labels)`.

        Inputs may be NumPy arrays, tensors or lists of PIL pictures of one size. Pictures are
        `uint8`, shape `(N, 1 or 3, height, width)`. All of it is read into memory. Where you give
        no `validation` or no `test`, a fifth of every class of `train` is held out for it, drawn
        by `seed`. `classes` names the labels 0, 1, …; without it, the dataset's own `classes`
        count, or else the numbers are the names.

        The pitfall: examples that belong together, such as frames of one film, may be held out
        from each other. Then give your own splits.

        Raises `ValueError` for labels without a class, or that are not whole numbers, and for
        pictures of several sizes; `TypeError` for what cannot be read.

        >>> pictures = np.zeros((20, 3, 32, 32), np.uint8)
        >>> Task.from_dataset((pictures, [0, 1] * 10), classes=["cat", "dog"])
        Task 'yours': 2 classes; 12 train, 4 validation, 4 test; from your data
        """
        kept, one_in = read_data(train), HELD_OUT
        if test is None:
            kept, tested = hold_out(kept, one_in, seed)
            one_in -= 1  # a fifth of all is a quarter of what is left
        else:
            tested = read_data(test)
        if validation is None:
            kept, validated = hold_out(kept, one_in, seed)
        else:
            validated = read_data(validation)
        labels = torch.cat([kept[1], validated[1], tested[1]])
        names = tuple(classes or class_names(train) or map(str, range(int(labels.max()) + 1)))
        return cls(name, names, Split(*kept), Split(*validated), Split(*tested), ORIGIN)

    def __repr__(self) -> str:
        sizes = f"{len(self.train)} train, {len(self.validation)} validation, {len(self.test)} test"
        return f"Task {self.name!r}: {len(self.classes)} classes; {sizes}; from {self.origin}"

    def split(self, name: str) -> Split:
        """Return the split `train`, `validation` or `test`; `ValueError` for another name."""
        splits = {"train": self.train, "validation": self.validation, "test": self.test}
        if name not in splits:
            raise unknown("split", name, splits)
        return splits[name]


def task_to_fit(data: Task | Data, classes: Sequence[str]) -> Task:
    """Return the task, or make one of data: a fifth of every class is held out for validation.

    The fifth is the same each time. The labels count in the data's own `classes`, if it has any,
    and else in those given. There is no test split. Raises as `Task.from_dataset` does.

    >>> task_to_fit((np.zeros((10, 3, 32, 32), np.uint8), [0, 1] * 5), ["cat", "dog"])
    Task 'yours': 2 classes; 8 train, 2 validation, 0 test; from your data
    """
    if isinstance(data, Task):
        return data
    whole = Split(*read_data(data))
    kept, held_out = hold_out((whole.inputs, whole.labels), HELD_OUT, seed=0)
    names = tuple(class_names(data) or classes)
    return Task(YOURS, names, Split(*kept), Split(*held_out), whole[:0], ORIGIN)


def task_to_measure(data: Task | Data, classes: Sequence[str]) -> Task:
    """Return the task, or make one of data to measure on: all of it is the test split.

    Labels count as in `task_to_fit`. Raises as `Task.from_dataset` does.
    """
    if isinstance(data, Task):
        return data
    whole = Split(*read_data(data))
    return Task(YOURS, tuple(class_names(data) or classes), whole[:0], whole[:0], whole, ORIGIN)


def _check_labels(labels: Tensor, classes: int, which: str) -> None:
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        raise ValueError(
            f"the {which} go from {int(labels.min())} to {int(labels.max())}, and there are "
            f"{classes} classes: number them from 0 to {classes - 1}"
        )


TASKS = {
    "mnist": sources.mnist,
    "digits": sources.digits,
    "photos": sources.photos,
    "textures": sources.textures,
    "imagenet_photos": sources.imagenet_photos,
    "imagenette": sources.imagenette,
    "flowers102": sources.flowers102,
    "pets": sources.pets,
}
PARTS = {"0_4": range(5), "5_9": range(5, 10)}
PAIRS = {
    "mnist_to_digits": ("mnist", "digits"),
    "mnist_halves": ("mnist_0_4", "mnist_5_9"),
    "photos_to_textures": ("photos", "textures"),
}


def load_task(name: str, *, shots: int | None = None, seed: int = 0) -> Task:
    """Load a task by its name, or, with `shots`, a few-shot version of it.

    The pitfall: `seed` draws the few shots and nothing else. Every seed and every learner has the
    same test split, so accuracies can be compared.

    Names: `mnist` (5000 images), `digits` (UCI, other writers), `mnist_0_4`, `mnist_5_9`,
    `digits_0_4`, `digits_5_9`, `photos` (crops of photographs), `textures`, `imagenet_photos` (20,
    to measure only, with no training split); over the internet `imagenette`, `flowers102`, `pets`.
    Your own pictures: `load_folder`.

    Raises `ValueError` for another name or too many shots, `AssetMissing` for data not fetched yet.

    >>> load_task("digits", shots=5)
    Task 'digits': 10 classes; 50 train, 200 validation, 382 test; from UCI digits (scikit-learn)
    """
    base, _, part = name.partition("_")
    if name in TASKS:
        task = _named(name, TASKS[name]())
    elif base in ("mnist", "digits") and part in PARTS:
        task = _keep_classes(_named(name, TASKS[base]()), PARTS[part])
    else:
        halves = [f"{digits}_{part}" for digits in ("mnist", "digits") for part in PARTS]
        raise unknown("task", name, [*TASKS, *halves])
    return task if shots is None else few_shot(task, shots, seed)


def load_pair(name: str, *, shots: int | None = None, seed: int = 0) -> tuple[Task, Task]:
    """Load a source task and a target task; `shots` and `seed` apply to the target's training.

    Pairs: `mnist_to_digits` (same classes, another domain), `mnist_halves` (digits 0-4, then 5-9),
    `photos_to_textures`. Raises as `load_task` does.

    >>> source_task, target_task = load_pair("mnist_halves", shots=10)
    >>> source_task.classes, len(target_task.train)
    (('0', '1', '2', '3', '4'), 50)
    """
    if name not in PAIRS:
        raise unknown("pair", name, PAIRS)
    source, target = PAIRS[name]
    return load_task(source), load_task(target, shots=shots, seed=seed)


def load_folder(folder: str | Path, *, size: int = 96, seed: int = 0) -> Task:
    """Make a task of your own pictures: one sub-folder per class, 60 : 20 : 20 into the splits.

    Each picture is turned into RGB and cropped to its central square of `size` pixels. The
    pitfall: near-copies of a picture (a burst, a resized one) may land in two splits; keep one.

    Raises `ValueError` naming the file that cannot be read, the class with too few pictures, or
    a folder with fewer than two classes.
    """
    return _named(Path(folder).resolve().name, sources.folder(Path(folder), size, seed))


def few_shot(task: Task, shots: int, seed: int = 0) -> Task:
    """Return the task with only `shots` training examples per class, drawn by `seed`.

    Validation is cut down too, to a third of that or 20 per class, whichever is more: with
    few labels, you have few to choose by. The test split stays.

    Raises `ValueError` where a class has fewer.

    >>> task = few_shot(load_task("digits"), shots=3)
    >>> task.train.labels.bincount().tolist()
    [3, 3, 3, 3, 3, 3, 3, 3, 3, 3]
    """
    counts = torch.bincount(task.train.labels, minlength=len(task.classes))
    if not 1 <= shots <= int(counts.min()):
        least = task.classes[int(counts.argmin())]
        raise ValueError(
            f"shots={shots}: {task.name} has from 1 to {int(counts.min())} training examples per "
            f"class to offer (class {least!r} has the fewest)"
        )
    train = _draw(task.train, shots, seed)
    return replace(task, train=train, validation=_draw(task.validation, max(shots // 3, 20), seed))


def _draw(split: Split, number: int, seed: int) -> Split:
    """Return at most so many rows of every class."""
    order = torch.randperm(len(split), generator=torch.Generator().manual_seed(seed))
    labels = split.labels[order]
    return split[torch.cat([order[labels == label][:number] for label in labels.unique()])]


def _named(name: str, splits: Splits) -> Task:
    train, validation, test = (Split(inputs, labels) for inputs, labels in splits.arrays)
    return Task(name, splits.classes, train, validation, test, splits.origin)


def _keep_classes(task: Task, kept: range) -> Task:
    def part(split: Split) -> Split:
        rows = torch.isin(split.labels, torch.tensor(kept))
        return Split(split.inputs[rows], split.labels[rows] - kept.start)

    classes = task.classes[kept.start : kept.stop]
    splits = (part(task.train), part(task.validation), part(task.test))
    return Task(task.name, classes, *splits, task.origin)
