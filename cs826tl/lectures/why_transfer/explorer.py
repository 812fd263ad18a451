"""The shift explorer: shift a domain, see the domain classifier's AUC and what it costs."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from cs826tl.data.loading import few_shot
from cs826tl.data.tasks import Split, Task
from cs826tl.lectures.why_transfer.pictures import (
    Floats,
    balanced,
    features,
    grey,
    montage,
    plane,
    shifted,
)
from cs826tl.lectures.why_transfer.plots import plot_domains
from cs826tl.methods.shift import ShiftAUC, shift_auc
from cs826tl.plots.drawing import Draw
from cs826tl.widgets.controllers import Table, View, Worth, missions
from cs826tl.widgets.controls import Choice, Control, Number
from cs826tl.widgets.explorer import Explorer

ROWS = 200  # pictures of each domain for the domain classifier
SHOTS = 60  # training pictures per class, at most
CHEAP, DEAR = 0.02, 0.10  # of accuracy, as the missions have it
PLAIN, FAINT = 0.8, 0.8  # of the detector's AUC
SLIDERS = {  # label, least, most, step, at the start
    "brightness": ("Brightness added", -0.5, 0.5, 0.05, 0.0),
    "blur": ("Blur, in pixels", 0.0, 3.0, 0.25, 0.0),
    "rotation": ("Rotation, in degrees", -90.0, 90.0, 5.0, 0.0),
    "balance": ("Share of the first half of the classes", 0.0, 1.0, 0.1, 0.5),
}


class Domain(NamedTuple):
    """Grey pictures of one task, shuffled, and the classifier that has learnt from them."""

    train: Split
    validation: Split
    classifier: LogisticRegression


class Measured(NamedTuple):
    """Accuracy at home and in the other domain, and how well the two are told apart."""

    home: float
    there: float
    shift: ShiftAUC


class ShiftController:
    """Which domain is trained on, which is tested on, and how the latter is shifted.

    The constructor raises `ValueError` for tasks of the same name or with other classes.
    """

    title = "Domain shift"
    help = (
        "Choose what the classifier is trained on and what it is tested on, shift the latter with "
        "the sliders, and compare what the domain classifier sees with what the shift costs."
    )
    worth = Worth(
        {
            "brightness": (-0.25, 0.0, 0.25),
            "blur": (0.0, 1.5),
            "rotation": (0.0, 45.0),
            "balance": (0.5, 1.0),
        },
        related=False,
    )

    def __init__(self, source_task: Task, target_task: Task) -> None:
        if source_task.classes != target_task.classes or source_task.name == target_task.name:
            raise ValueError(
                f"the tasks are {source_task!r} and {target_task!r}: give two of different names "
                "with the same classes, such as load_pair('mnist_to_digits')"
            )
        self._classes = len(source_task.classes)
        self._domains = {task.name: _domain(task) for task in (source_task, target_task)}
        self._source, self._target = source_task.name, target_task.name
        self._settings = {name: start for name, (*_, start) in SLIDERS.items()}
        self._met = {
            "Train and test on the same domain. Find a shift that the detector sees plainly (AUC "
            f"{PLAIN} or more) and that costs less than {100 * CHEAP:.0f} points.": False,
            f"Find one that costs {100 * DEAR:.0f} points or more while the detector sees it "
            f"faintly (AUC {FAINT} or less).": False,
        }

    def controls(self) -> tuple[Control, ...]:
        """Return the two domains and the four shifts."""
        names = tuple(self._domains)
        sliders = (
            Number(name, label, low, high, step, self._settings[name])
            for name, (label, low, high, step, _) in SLIDERS.items()
        )
        return (
            Choice("source", "Train on", names, self._source),
            Choice("target", "Test on", names, self._target),
            *sliders,
        )

    def set(self, name: str, value: Any) -> None:
        """Take over a control's new value."""
        if name == "source":
            self._source = value
        elif name == "target":
            self._target = value
        else:
            self._settings[name] = value

    @property
    def source(self) -> Domain:
        """What is trained on, and the classifier that was."""
        return self._domains[self._source]

    @property
    def target(self) -> Split:
        """What is tested on: validation pictures of the target, shifted as the sliders say."""
        pictures = self._domains[self._target].validation
        split = balanced(pictures, self._settings["balance"], self._classes)
        return Split(shifted(split.inputs, self._settings), split.labels)

    def measure(self) -> Measured:
        """Return the classifier's accuracy in both domains, and how well they are told apart."""
        home, there = (
            float(self.source.classifier.score(features(split.inputs), split.labels))
            for split in (self.source.validation, self.target)
        )
        return Measured(home, there, shift_auc(*self._rows()))

    def view(self) -> View:
        """Return both accuracies and the AUC; pictures of both domains, and both as points."""
        measured = self.measure()
        self._note(measured)
        seen = "The shift can be seen" if measured.shift.visible else "No shift can be seen"
        return View(
            status=(
                f"{seen}: AUC {measured.shift.auc:.2f}. Accuracy {measured.home:.2f} at home, "
                f"{measured.there:.2f} there."
            ),
            tables=(missions(self._met), _table(measured)),
            draw=self._picture(),
            size=(9, 2.6),
            alt=(
                "Pictures to train on, pictures to test on, and both as clouds of points in the "
                "plane of their first two principal components."
            ),
        )

    def _note(self, measured: Measured) -> None:
        """Tick off the missions that this shift meets."""
        cost, auc = measured.home - measured.there, measured.shift.auc
        alone = self._source == self._target
        for mission, met in zip(
            self._met,
            (auc >= PLAIN and cost < CHEAP, auc <= FAINT and cost >= DEAR),
            strict=True,
        ):
            self._met[mission] |= alone and bool(met)

    def _rows(self) -> tuple[Floats, Floats]:
        """Return what the domain classifier sees of each domain."""
        both = (self.source.train, self.target)
        source, target = (features(split.inputs[:ROWS]) for split in both)
        return source, target

    def _picture(self) -> Draw:
        splits = {"train on": self.source.train, "test on": self.target}
        rows = self._rows()
        domain = np.repeat([0, 1], [len(part) for part in rows])
        pictures = {name: montage(split) for name, split in splits.items()}
        return partial(plot_domains, pictures, plane(np.concatenate(rows)), domain)


def _domain(task: Task) -> Domain:
    shots = min(SHOTS, int(torch.bincount(task.train.labels).min()))
    train, validation = (_prepared(s) for s in (few_shot(task, shots).train, task.validation))
    # Without scaling: a pixel that is nearly always black would make a shade of grey look enormous.
    classifier = LogisticRegression(max_iter=1000).fit(features(train.inputs), train.labels)
    return Domain(train, validation, classifier)


def _prepared(split: Split) -> Split:
    order = torch.randperm(len(split), generator=torch.Generator().manual_seed(0))
    return Split(grey(split.inputs), split.labels)[order]


def _table(measured: Measured) -> Table:
    home, there, shift = measured
    rows = (
        ("accuracy at home", f"{home:.2f}"),
        ("accuracy there", f"{there:.2f}"),
        ("what the shift costs", f"{round(home - there, 2) + 0:.2f}"),  # -0.0 + 0 is 0.0
        ("AUC of the domain classifier", f"{shift.auc:.2f}"),
        ("its 95 % interval", f"{shift.low:.2f} to {shift.high:.2f}"),
    )
    return Table("What the shift costs, and what can be seen of it", ("", "measured"), rows)


def shift_explorer(source_task: Task, target_task: Task) -> Explorer:
    """Return an explorer of domain shift between two tasks with the same classes [C02, C18].

    A classifier of small grey pictures learns `source_task` and is tested on `target_task`, which
    you may make brighter, blur, turn, or draw with another balance of classes. To shift a domain
    against itself, choose the same task twice. Everything is measured on validation pictures.

    Raises `ValueError` for tasks of the same name or with other classes.

    >>> from cs826tl import load_task
    >>> shift_explorer(load_task("digits_0_4"), load_task("digits_5_9"))
    Traceback (most recent call last):
    ValueError: the tasks are Task 'digits_0_4': ... give two of different names with the same ...
    """
    return Explorer(ShiftController(source_task, target_task))
