"""A task: labelled inputs in three splits, with their class names and where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from cs826tl._errors import unknown
from cs826tl.data.corruptions import corrupted
from cs826tl.data.given import (
    HELD_OUT,
    Data,
    as_inputs,
    as_labels,
    class_names,
    hold_out,
    read_data,
)

Rows = Tensor | slice | Sequence[int] | np.ndarray[Any, Any]
YOURS, ORIGIN = "yours", "your data"


@dataclass(frozen=True, eq=False)
class Split(Dataset[tuple[Tensor, Tensor]]):
    """Inputs and their labels, one row each; a `torch.utils.data.Dataset`, so loaders take it.

    Images are `uint8`, 0 to 255, shape `(N, channels, height, width)`: a network does its own
    scaling. Texts are `int64` character numbers, shape `(N, length)` (see `text_task`). Labels are
    `int64`, shape `(N,)`, and index the task's `classes`. `split[3]` is one input with its label;
    `split[rows]` is another split.

    The constructor raises `ValueError` if there are more inputs than labels or fewer, and for
    labels that are not whole numbers.

    >>> split = Split(torch.zeros(3, 1, 8, 8, dtype=torch.uint8), torch.tensor([0, 2, 1]))
    >>> len(split[:2]), split[1][1]
    (2, tensor(2))
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

    Train on `train`, choose on `validation`, and look at `test` once, at the end. A label indexes
    `classes`; `name` and `origin` say what it is and where it is from.

    The constructor raises `ValueError` for a label without a class.

    >>> split = Split(torch.zeros(2, 1, 8, 8, dtype=torch.uint8), torch.tensor([0, 1]))
    >>> Task("pets", ("cat", "dog"), split, split, split, "my camera")
    Task 'pets': 2 classes; 2 train, 2 validation, 2 test; from my camera
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
        `uint8`, shape `(N, 1 or 3, height, width)`. All of it is read into memory. If you give
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

    def corrupted(
        self, corruption: str, severity: int = 3, *, seed: int = 0, training: bool = False
    ) -> Task:
        """Return the task with its pictures made worse: the same labels in another domain.

        `corruption` is `gaussian_noise`, `gaussian_blur`, `fog`, `contrast` or
        `jpeg_compression`; `severity` goes from 1 to 5. The numbers are those for pictures of 32 x
        32 pixels, so larger ones suffer less. Only `validation` and `test` change, as after a
        training that knew nothing of it; with `training=True`, `train` too. `seed` draws noise and
        fog.

        Raises `ValueError` for another corruption, severity or seed. Source: Hendrycks and
        Dietterich 2019, arXiv:1903.12261, CIFAR-10-C.

        >>> from cs826tl import load_task
        >>> load_task("digits").corrupted("contrast", severity=5).name
        'digits (contrast 5)'
        """
        changed: dict[str, Any] = {}
        for number, name in enumerate(("validation", "test", "train")[: 3 if training else 2]):
            split = self.split(name)
            pictures = corrupted(split.inputs, corruption, severity, seed, number)
            changed[name] = Split(pictures, split.labels)
        return replace(self, name=f"{self.name} ({corruption} {severity})", **changed)

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
