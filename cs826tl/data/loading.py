"""The tasks of the course by name, your own folder of pictures as one, and few-shot versions."""

from __future__ import annotations

from dataclasses import replace
from numbers import Integral
from pathlib import Path

import torch

from cs826tl._errors import unknown
from cs826tl.data import cifar10, photographs, sources, torchvision_sets
from cs826tl.data.sources import Splits
from cs826tl.data.tasks import Split, Task

TASKS = {
    "cifar10": cifar10.cifar10,
    "mnist": sources.mnist,
    "mnist_70k": sources.mnist_70k,
    "digits": sources.digits,
    "photos": photographs.photos,
    "textures": photographs.textures,
    "imagenet_photos": sources.imagenet_photos,
    "imagenette": torchvision_sets.imagenette,
    "flowers102": torchvision_sets.flowers102,
    "pets": torchvision_sets.pets,
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

    Names: `cifar10` (60,000 colour photographs of 32 x 32 pixels; 4,500 shots at most, because 500
    of each class are for validation), `mnist` (5000 images), `mnist_70k` (all of them, their
    official test split), `digits` (UCI, other writers), `mnist_0_4`, `mnist_5_9`,
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

    The `name` is one of `mnist_to_digits` (same classes, another domain), `mnist_halves` (digits
    0-4, then 5-9), `photos_to_textures`. Raises as `load_task` does.

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

    Each picture is turned into RGB, cropped to its central square and resized to `size` pixels;
    `seed` shuffles the pictures of each class before they are cut. The pitfall: near-copies of a
    picture (a burst, a resized one) may land in two splits; keep one.

    Raises `ValueError` naming the file that cannot be read, the class with too few pictures, or
    a folder with fewer than two classes.

    >>> load_folder("no such folder")
    Traceback (most recent call last):
    ValueError: no such folder is not a folder: give one with a sub-folder per class
    """
    return _named(Path(folder).resolve().name, sources.folder(Path(folder), size, seed))


def few_shot(task: Task, shots: int, seed: int = 0) -> Task:
    """Return the task with only `shots` training examples per class, drawn by `seed`.

    Validation is cut down too, to a third of that or 20 per class, whichever is more: with
    few labels, you have few to choose by. The test split stays.

    Raises `ValueError` if a class has fewer, and for what is no whole number.

    >>> task = few_shot(load_task("digits"), shots=3)
    >>> task.train.labels.bincount().tolist()
    [3, 3, 3, 3, 3, 3, 3, 3, 3, 3]
    """
    counts = torch.bincount(task.train.labels, minlength=len(task.classes))
    least = task.classes[int(counts.argmin())]
    if not counts.min():
        raise ValueError(f"{task.name} has no training example of class {least!r}")
    if not isinstance(seed, Integral):
        raise ValueError(f"seed={seed!r}: give a whole number")
    if not isinstance(shots, Integral) or not 1 <= shots <= int(counts.min()):
        raise ValueError(
            f"shots={shots}: {task.name} has from 1 to {int(counts.min())} training examples per "
            f"class to offer (class {least!r} has the fewest)"
        )
    train = _draw(task.train, shots, seed)
    return replace(task, train=train, validation=_draw(task.validation, max(shots // 3, 20), seed))


def _draw(split: Split, number: int, seed: int) -> Split:
    """Return at most `number` rows of every class."""
    order = torch.randperm(len(split), generator=torch.Generator().manual_seed(int(seed)))
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
