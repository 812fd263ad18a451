"""Several questions about the same pictures: one P(x), many outputs [C04].

Some follow from which digit or thing it is, some are measured in the pixels, one is a coin toss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from cs826tl._errors import unknown
from cs826tl.data.cifar10 import CLASSES as CIFAR10
from cs826tl.data.tasks import Split, Task

Rule = Callable[[Split], Tensor]
Answers = Callable[[Split, Split], Tensor]  # of a split; the second is the training split


def relabel(task: Task, name: str, classes: tuple[str, ...], rule: Rule) -> Task:
    """Return the task's own pictures with other labels: another output over the same P(x).

    `name` and `classes` are the new task's. `rule` gets a split and returns its new labels, shape
    `(N,)`, which index `classes`. The pitfall: a rule that uses the old labels tells the new task
    something of the old one.

    Raises `ValueError` if the rule returns a label that has no class, or too few or too many.

    >>> from cs826tl import load_task
    >>> small = relabel(load_task("digits"), "small", ("no", "yes"), lambda s: s.labels < 3)
    >>> small.classes, small.train.labels.unique().tolist()
    (('no', 'yes'), [0, 1])
    """

    def relabelled(split: Split) -> Split:
        labels = rule(split).long()
        if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < len(classes):
            raise ValueError(
                f"the rule of {name!r} returns labels from {int(labels.min())} to "
                f"{int(labels.max())}; they index its {len(classes)} classes, from 0 on"
            )
        return Split(split.inputs, labels)

    train, validation, test = map(relabelled, (task.train, task.validation, task.test))
    return replace(task, name=name, classes=classes, train=train, validation=validation, test=test)


def slant(images: Tensor) -> Tensor:
    """Return how far each picture leans to the right, in pixels across for a pixel up.

    The slope of the regression of the ink's column on its row; shape `(N,)`, from images of shape
    `(N, channels, height, width)` in which ink is bright.

    >>> stroke = torch.eye(8, dtype=torch.uint8).flip(0)[None, None]  # up, from bottom left
    >>> slant(stroke).tolist()
    [1.0]
    """
    ink = images.float().mean(1)
    ink = ink / ink.sum((1, 2), keepdim=True).clamp(min=1e-6)
    up, across = -torch.arange(ink.shape[1]).view(1, -1, 1), torch.arange(ink.shape[2])
    up = up - (ink * up).sum((1, 2), keepdim=True)
    across = across - (ink * across).sum((1, 2), keepdim=True)
    return (ink * up * across).sum((1, 2)) / (ink * up**2).sum((1, 2)).clamp(min=1e-6)


def _one_of(*digits: int) -> Answers:
    return lambda split, train: torch.isin(split.labels, torch.tensor(digits))


def _above_median(measure: Callable[[Tensor], Tensor]) -> Answers:
    return lambda split, train: measure(split.inputs) > measure(train.inputs).median()


def _toss(split: Split, train: Split) -> Tensor:
    generator = torch.Generator().manual_seed(len(split))
    return torch.randint(2, (len(split),), generator=generator)


def _habitat(split: Split, train: Split) -> Tensor:
    """Return where the things of CIFAR-10 are: most are on land."""
    habitat = {"airplane": 0, "bird": 0, "ship": 1}
    return torch.tensor([habitat.get(name, 2) for name in CIFAR10])[split.labels]


DIGITS = tuple("0123456789")
DIGIT_QUESTIONS: dict[str, tuple[tuple[str, ...], Answers]] = {
    "digit": (DIGITS, lambda split, train: split.labels),
    "odd": (("even", "odd"), _one_of(1, 3, 5, 7, 9)),
    "high": (("0 to 4", "5 to 9"), _one_of(5, 6, 7, 8, 9)),
    "loop": (("no loop", "loop"), _one_of(0, 6, 8, 9)),
    "slant": (("left", "right"), _above_median(slant)),
    "bold": (("thin", "bold"), _above_median(lambda images: images.float().mean((1, 2, 3)))),
    "coin": (("heads", "tails"), _toss),
}
CIFAR10_QUESTIONS: dict[str, tuple[tuple[str, ...], Answers]] = {
    "animal": (("vehicle", "animal"), _one_of(2, 3, 4, 5, 6, 7)),
    "habitat": (("air", "water", "land"), _habitat),
}


def ask(task: Task, question: str) -> Task:
    """Return a task of digits, or CIFAR-10, with the answers to another question as its labels.

    Of digits: `digit` (which one?), `odd`, `high` (five or more?), `loop` (a closed one, as in 0,
    6, 8 and 9?), `slant` (does it lean to the right?) and `bold` (much ink?), both against the
    median of the training pictures, and `coin`, which no picture can answer. Of CIFAR-10: `animal`
    (or a vehicle?) and `habitat` (airplanes and birds in the air, ships on water, the rest on
    land).

    Raises `ValueError` for another question, or a task of other classes.

    >>> from cs826tl import load_task
    >>> ask(load_task("digits"), "loop")
    Task 'loop': 2 classes; 1157 train, 258 validation, 382 test; from UCI digits (scikit-learn)
    """
    about = {DIGITS: DIGIT_QUESTIONS, CIFAR10: CIFAR10_QUESTIONS}
    if task.classes not in about:
        raise ValueError(
            f"the questions are about the ten digits or CIFAR-10, and {task.name!r} has other "
            f"classes: take load_task('mnist'), load_task('digits') or load_task('cifar10')"
        )
    questions = about[task.classes]
    if question not in questions:
        raise unknown("question", question, questions)
    classes, answers = questions[question]
    return relabel(task, question, classes, lambda split: answers(split, task.train))
