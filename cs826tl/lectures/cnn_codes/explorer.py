"""The depth probe: how well a linear classifier reads the codes of every depth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cs826tl.data.loading import few_shot
from cs826tl.data.tasks import Task
from cs826tl.lectures.cnn_codes.plots import plot_depths
from cs826tl.networks.staging import StagedModel
from cs826tl.plots.drawing import Draw
from cs826tl.training.probes import CLASSIFIERS, encode_task, probe_depths
from cs826tl.widgets.controllers import Table, View, Worth, missions
from cs826tl.widgets.controls import Choice, Control, Number
from cs826tl.widgets.explorer import Explorer

LABELS = ("1", "2", "5", "10", "20")
DRAWS = 9
MISSIONS = (
    "1. Stand on a depth that beats the last by 5 points or more, with 20 labels per class",
    "2. Find a task whose last depth is the best, or 1 point behind it, with 20 labels per class",
    "3. Stand on the best depth in three draws of the labels: is it always the same?",
)


@dataclass(frozen=True)
class ProbeSetting:
    """What is set: `labels` is their number per class, `draw` says which pictures got them."""

    task: str
    depth: str
    labels: str = "10"
    classifier: str = CLASSIFIERS[0]
    draw: int = 1


class DepthProbe:
    """The controller: a linear probe at every depth, and the codes of one depth in the plane.

    `codes` are the tasks in codes, as `encode_task` returns them, by the tasks' names.
    """

    title = "Depth probe"
    help = (
        "Choose a task and how many labels per class you have, and look for the depth whose codes "
        "serve it best; another draw gives the labels to other pictures."
    )
    worth = Worth(
        {"labels": ("1", "5", "10", "20"), "draw": (1,), "classifier": CLASSIFIERS[:1]},
        related=False,
    )

    def __init__(self, codes: Mapping[str, Mapping[str, Task]]) -> None:
        self.codes = codes
        self.met: set[str] = set()
        self._best_in: set[int] = set()  # draws of the labels
        task, depths = next(iter(codes.items()))
        self._measure(ProbeSetting(task, list(depths)[-1]))

    def controls(self) -> tuple[Control, ...]:
        """Return what can be set, with its values."""
        now = self.setting
        return (
            Choice("task", "Task", tuple(self.codes), now.task),
            Choice("labels", "Labels per class", LABELS, now.labels),
            Number("draw", "Draw of the labels", 1, DRAWS, 1, now.draw),
            Choice("classifier", "Classifier", CLASSIFIERS, now.classifier),
            Choice("depth", "Depth", tuple(self.codes[now.task]), now.depth),
        )

    def set(self, name: str, value: Any) -> None:
        """Change one setting and measure again; if that fails, nothing changes."""
        self._measure(replace(self.setting, **{name: value}))

    def view(self) -> View:
        """Return the accuracies of all depths, and the codes of the chosen one in the plane."""
        now, accuracy = self.setting, self.accuracy
        widths = {depth: task.train.inputs.shape[1] for depth, task in self.codes[now.task].items()}
        rows = tuple((d, f"{widths[d]}", f"{accuracy[d]:.2f}") for d in accuracy.index)
        status = (
            f"{now.task}, {now.labels} labels per class, {now.classifier} on {now.depth}: "
            f"validation accuracy {accuracy[now.depth]:.2f}. In this draw the best depth is "
            f"{accuracy.idxmax()}, with {accuracy.max():.2f}; guessing gets {1 / self.classes:.2f}."
        )
        columns = ("depth", "numbers a picture", "validation accuracy")
        table = Table(f"Every depth, {now.classifier}", columns, rows)
        alt = (
            f"Left, a bar for every depth: the validation accuracy of a {now.classifier} on its "
            f"codes; the bar of {now.depth} stands out. Right, the validation pictures of "
            f"{now.task} as points: the codes of {now.depth}, drawn in the plane by PCA, coloured "
            "and marked by class."
        )
        tables = table, missions({mission: mission in self.met for mission in MISSIONS})
        return View(status, tables, self._picture(), (8.4, 3.6), alt)

    @property
    def classes(self) -> int:
        """How many classes the task has."""
        return len(self._drawn.classes)

    def _measure(self, setting: ProbeSetting) -> None:
        depths, shots, seed = self.codes[setting.task], int(setting.labels), int(setting.draw)
        table = probe_depths(depths, shots=shots, seeds=[seed], classifier=setting.classifier)
        self._drawn = few_shot(depths[setting.depth], shots, seed)
        self.accuracy: pd.Series[float] = table[seed]
        self.setting = setting
        self._judge()

    def _judge(self) -> None:
        """Remember the missions that the present setting meets."""
        accuracy = self.accuracy
        here, last, best = accuracy[self.setting.depth], accuracy.iloc[-1], accuracy.max()
        if here == best:
            self._best_in.add(self.setting.draw)
        enough = self.setting.labels == LABELS[-1]
        found = (
            enough and here - last >= 0.05,
            enough and best - last <= 0.01,
            len(self._best_in) >= 3,
        )
        self.met |= {mission for mission, met in zip(MISSIONS, found, strict=True) if met}

    def _picture(self) -> Draw:
        held_out = self._drawn.validation
        points = _plane(held_out.inputs.numpy())
        classes = self._drawn.classes
        accuracy = {str(depth): value for depth, value in self.accuracy.items()}
        return partial(plot_depths, accuracy, self.setting.depth, points, held_out.labels, classes)


def depth_probe(backbone: StagedModel, *tasks: Task) -> Explorer:
    """Return an explorer of what each depth of the backbone knows about the tasks [C09].

    The tasks are encoded first, which takes seconds, or no time if their codes are kept; every
    answer after that takes a moment. It shows validation accuracies only: the test is not to
    choose by.

    Raises `ValueError` for no task, for two of one name, or for one with an empty split.

    >>> from cs826tl import load_backbone, load_task
    >>> explorer = depth_probe(load_backbone("small_vgg", weights="random"), load_task("digits"))
    >>> explorer.controller.set("depth", "block2")
    >>> explorer.controller.view().status
    'digits, 10 labels per class, linear SVM on block2: validation accuracy ...'
    """
    names = [task.name for task in tasks]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"the tasks are named {names}: give one task or more, no name twice")
    return Explorer(DepthProbe({task.name: encode_task(backbone, task) for task in tasks}))


def _plane(codes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the codes, scaled to variance 1, as PCA's first two components."""
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    points: NDArray[np.float32] = PCA(2, random_state=0).fit_transform(
        StandardScaler().fit_transform(codes)
    )
    return points
