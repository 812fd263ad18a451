"""What people bring, as tensors: NumPy arrays, tensors, lists of PIL pictures, PyTorch datasets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, IterableDataset

from cs826tl.data.pictures import as_rgb, channels_first
from cs826tl.data.sources import Arrays

Inputs = Tensor | np.ndarray[Any, Any] | Sequence[Any]
Labels = Tensor | np.ndarray[Any, Any] | Sequence[int]
Data = tuple[Inputs, Labels] | Dataset[Any]

GREY = ("L", "1")  # Pillow's names for pictures of 8 bits of grey, and of black and white
HELD_OUT = 5  # one example in this many is held out of every class


def read_data(data: object) -> Arrays:
    """Return `(inputs, labels)` or a `torch.utils.data.Dataset` as two tensors, all in memory.

    Raises `TypeError` for anything else, and as `as_inputs` and `as_labels` do.

    >>> inputs, labels = read_data((np.zeros((2, 3, 8, 8), np.uint8), [0, 1]))
    >>> inputs.shape, labels
    (torch.Size([2, 3, 8, 8]), tensor([0, 1]))
    """
    if isinstance(data, Dataset):
        return _read_dataset(data)
    if isinstance(data, tuple) and len(data) == 2:
        return as_inputs(data[0]), as_labels(data[1])
    fix = "give loader.dataset" if isinstance(data, DataLoader) else "give (inputs, labels)"
    raise TypeError(
        f"{type(data).__name__} is neither a Task, nor (inputs, labels), nor a "
        f"torch.utils.data.Dataset: {fix}"
    )


def as_inputs(inputs: object) -> Tensor:
    """Return inputs as one tensor; pictures become `uint8`, shape `(N, 3, height, width)`.

    Grey pictures keep one channel if all of them are grey; otherwise all become RGB. Which
    layout is right depends on the network, so its preprocessing checks that.

    Raises `ValueError` for inputs of several sizes, or none, and `TypeError` for what is no tensor,
    no array and no sequence.
    """
    if isinstance(inputs, np.ndarray):
        inputs = torch.from_numpy(np.require(inputs, requirements=["C", "W"]))
    elif isinstance(inputs, Sequence) and not isinstance(inputs, str):
        inputs = _stacked(inputs)
    if not isinstance(inputs, Tensor):
        raise TypeError(
            f"the inputs are of type {type(inputs).__name__}: give a tensor, a NumPy array or a "
            f"list of pictures"
        )
    return inputs


def as_labels(labels: object) -> Tensor:
    """Return labels as `int64`, shape `(N,)`; whole numbers of every type will do, `uint8` too.

    Raises `ValueError` for numbers that are not of a whole-number type, or of another shape.

    >>> as_labels(np.array([0, 2], np.uint8))
    tensor([0, 2])
    """
    if not isinstance(labels, Tensor) and _is_numeric(labels):
        labels = torch.from_numpy(np.require(labels, requirements=["C", "W"]))
    if not isinstance(labels, Tensor) or labels.is_floating_point() or labels.is_complex():
        kind = (
            str(labels.dtype).removeprefix("torch.") if isinstance(labels, Tensor) else "no number"
        )
        raise ValueError(
            f"labels must be whole numbers that index the classes, and these are {kind}: convert "
            f"them with .astype(int) or .long(), names with classes.index(name)"
        )
    if labels.dim() != 1:
        raise ValueError(
            f"labels have shape {tuple(labels.shape)} and must have (N,), one number per example; "
            f"use argmax(1) on one-hot labels, flatten() on a column"
        )
    return labels.long()


def hold_out(arrays: Arrays, one_in: int, seed: int) -> tuple[Arrays, Arrays]:
    """Return what is left and what is held out: one example in `one_in` of every class.

    `seed` draws them. At least one example of every class is held out, unless it has only one.

    >>> labels = torch.tensor([0] * 10 + [1] * 5 + [2])
    >>> left, held_out = hold_out((labels, labels), one_in=5, seed=0)
    >>> left[1].bincount().tolist(), held_out[1].bincount().tolist()
    ([8, 4, 1], [2, 1])
    """
    inputs, labels = arrays
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    held_out = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        rows = order[labels[order] == label]
        number = max(1, len(rows) // one_in) if len(rows) > 1 else 0
        held_out[rows[:number]] = True
    return (inputs[~held_out], labels[~held_out]), (inputs[held_out], labels[held_out])


def class_names(data: object) -> list[str]:
    """Return the names that a dataset has for its labels, as torchvision's have; else none."""
    names = getattr(data, "classes", None) or []
    return [name if isinstance(name, str) else str(name[0]) for name in names]


def _read_dataset(dataset: Dataset[Any]) -> Arrays:
    if isinstance(dataset, IterableDataset):
        pairs = list(dataset)
    else:
        pairs = [dataset[k] for k in range(len(dataset))]  # type: ignore[arg-type]
    if not pairs:
        raise ValueError("the dataset is empty")
    if not all(isinstance(pair, Sequence) and len(pair) >= 2 for pair in pairs):
        kind = type(pairs[0]).__name__
        raise TypeError(
            f"the dataset gives a {kind} for each example, and (input, label) is wanted: wrap it "
            f"in a Dataset whose __getitem__ returns that pair"
        )
    inputs, labels = zip(*((pair[0], _plain(pair[1])) for pair in pairs), strict=True)
    return as_inputs(inputs), as_labels(labels)


def _plain(label: object) -> object:
    """Return a number out of a tensor or array that holds just one."""
    return label.item() if isinstance(label, (Tensor, np.ndarray)) and label.ndim == 0 else label


def _stacked(inputs: Sequence[Any]) -> Tensor:
    if not inputs:
        raise ValueError("there are no inputs: the list is empty")
    if all(isinstance(item, Image.Image) for item in inputs):
        grey = all(picture.mode in GREY for picture in inputs)
        tensors = [_picture(picture, grey) for picture in inputs]
    else:
        tensors = [torch.as_tensor(item) for item in inputs]
    shapes = sorted({tuple(tensor.shape) for tensor in tensors})
    if len(shapes) > 1:
        raise ValueError(
            f"the inputs have {len(shapes)} shapes, such as {shapes[0]} and {shapes[-1]}: resize "
            f"all pictures to one size, for instance with picture.resize((224, 224))"
        )
    return torch.stack(tensors)


def _picture(picture: Image.Image, grey: bool) -> Tensor:
    if grey:
        return torch.from_numpy(np.array(picture.convert("L"))).unsqueeze(0)
    return channels_first(np.array(as_rgb(picture)))


def _is_numeric(labels: object) -> bool:
    return np.asarray(labels).dtype.kind in "biuf"
