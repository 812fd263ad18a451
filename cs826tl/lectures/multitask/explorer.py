"""The multi-task explorer: what one question gains from another one about the same pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from cs826tl.data.tasks import Task
from cs826tl.lectures.multitask.plots import plot_gains
from cs826tl.lectures.multitask.runs import (
    NARROW,
    SECOND_LABELS,
    MultitaskRun,
    MultitaskSetting,
    Trainer,
)
from cs826tl.networks.staging import StagedModel
from cs826tl.widgets.controllers import Progress, Table, View, Worth, missions
from cs826tl.widgets.controls import Choice, Control, Number, Press
from cs826tl.widgets.explorer import Explorer

POINTS, LITTLE = 0.05, 0.02  # of accuracy, as the missions have it
MUCH = 0.1  # of a cosine


class MultitaskExplorer:
    """The controller: two questions, trained alone and together, and all runs beside each other."""

    title = "Learn two tasks together"
    help = (
        "Choose two questions about the same pictures, say how many labels the first one has, and "
        "train. Train again for another draw of the labels, to see how much is chance. The narrow "
        f"trunk hands only {NARROW} numbers to its heads."
    )
    worth = Worth({"labels": (40,), "weight": (0.5,)}, related=False)

    def __init__(self, backbone: StagedModel, task: Task) -> None:
        self.trainer, self.setting = Trainer(backbone, task), MultitaskSetting()

    @property
    def runs(self) -> list[MultitaskRun]:
        """All runs that were not stopped."""
        return self.trainer.runs

    def controls(self) -> tuple[Control, ...]:
        """Return what can be set, and the button."""
        now, questions = self.setting, tuple(self.trainer.tasks)
        return (
            Choice("first", "First question", questions, now.first),
            Number("labels", "Labels of the first question", 20, SECOND_LABELS, 20, now.labels),
            Choice("second", f"Second question ({SECOND_LABELS} labels)", questions, now.second),
            Number("weight", "Weight of the second question", 0.1, 0.9, 0.1, now.weight),
            Choice("trunk", "Shared trunk", tuple(self.trainer.trunks), now.trunk),
            Press("train", "Train alone and together"),
        )

    def set(self, name: str, value: Any) -> None:
        """Change one setting; nothing is trained until the button is pressed."""
        self.setting = replace(self.setting, **{name: value})

    def press(self, name: str) -> Iterator[Progress]:
        """Train as it is set."""
        return self.trainer.train(self.setting)

    def view(self) -> View:
        """Return what the last run says, all gains over the cosines, and a table of all runs."""
        points = {str(k): (run.cosine, run.gain) for k, run in enumerate(self.runs, start=1)}
        alt = (
            "The accuracy that the first question gained from the second, over the cosine of "
            "their gradients: a numbered point for each run."
        )
        tables = (_missions(self.runs), *([_table(self.runs)] if self.runs else []))
        return View(_status(self.runs), tables, partial(plot_gains, points), (7, 2.8), alt)


def multitask_explorer(backbone: StagedModel, task: Task) -> Explorer:
    """Return an explorer of what one question about digits gains from another one [C04].

    Each run trains copies of the backbone: on the first question, on the second, on both. It shows
    accuracies on the task's validation split, and the cosine between the gradients of the two.

    Raises `ValueError` if the task is not of the ten digits.

    >>> from cs826tl import load_backbone, load_task
    >>> backbone = load_backbone("small_vgg", weights="random")
    >>> explorer = multitask_explorer(backbone, load_task("digits"))
    >>> explorer.state["status"]
    'Nothing trained yet. Which second question will help the first one most?'
    """
    return Explorer(MultitaskExplorer(backbone, task))


def _status(runs: list[MultitaskRun]) -> str:
    if not runs:
        return "Nothing trained yet. Which second question will help the first one most?"
    run = runs[-1]
    verb = "gains" if run.gain >= 0 else "loses"
    if abs(run.cosine) <= MUCH:
        way = "hardly touch each other"
    else:
        way = "pull the same way" if run.cosine > 0 else "conflict"
    return (
        f"Run {len(runs)}: beside “{run.setting.second}”, “{run.setting.first}” {verb} "
        f"{abs(run.gain):.2f}. The gradients {way}: cosine {run.cosine:.2f}."
    )


def _missions(runs: list[MultitaskRun]) -> Table:
    """Return the missions, each with a mark if some run has met it."""
    costly = {replace(run.setting, weight=0) for run in runs if run.gain <= -POINTS}
    mended = (run.gain > -LITTLE and replace(run.setting, weight=0) in costly for run in runs)
    met = {
        "Find a second question from which the first gains 5 points or more.": any(
            run.gain >= POINTS for run in runs
        ),
        "Find one that costs the first 5 points or more.": bool(costly),
        "Then change its weight, and nothing else, until it costs less than 2.": any(mended),
    }
    return missions(met)


def _table(runs: list[MultitaskRun]) -> Table:
    columns = ("first question", "alone → together", "second question", "alone → together")
    rows = [
        (
            f"{k}, {run.setting.trunk}",
            f"{run.setting.first} ({run.setting.labels} labels)",
            f"{run.alone[0]:.2f} → {run.together[0]:.2f}",
            f"{run.setting.second} (weight {run.setting.weight:g})",
            f"{run.alone[1]:.2f} → {run.together[1]:.2f}",
            f"{run.cosine:.2f}",
        )
        for k, run in enumerate(runs, start=1)
    ]
    return Table("All runs, validation accuracy", ("run", *columns, "cosine"), tuple(rows[::-1]))
