"""The forgetting explorer: a rate and a remedy, and what is kept and learnt with them [C12]."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from cs826tl.data.loading import few_shot
from cs826tl.data.tasks import Task
from cs826tl.lectures.catastrophic_forgetting.plots import ENOUGH, LITTLE, plot_kept
from cs826tl.methods.forgetting import EWC, L2SP, Distillation, Replay
from cs826tl.networks.heads import with_head
from cs826tl.networks.staging import StagedModel
from cs826tl.training.evaluation import evaluate
from cs826tl.training.loop import Penalty, Training
from cs826tl.widgets.controllers import Progress, Table, View, Worth, missions
from cs826tl.widgets.controls import Choice, Control, Press
from cs826tl.widgets.explorer import Explorer

RATES = ("0.0001", "0.0003", "0.001", "0.003")
NOTHING = "nothing"
SHOTS, EPOCHS = 20, 8
MUCH = 0.2  # of accuracy
Remedy = Callable[[StagedModel, Task, float, int], Penalty]
# Each is made from the source model, its task, a strength and a seed.
REMEDIES: dict[str, Remedy] = {
    "L2-SP": lambda model, task, strength, seed: L2SP(model, strength=strength),
    "EWC": lambda model, task, strength, seed: EWC(model, task, strength=strength, seed=seed),
    "distillation": lambda model, task, strength, seed: Distillation(model, strength=strength),
    "replay": lambda model, task, strength, seed: Replay(
        task, strength=strength, head=model.head, seed=seed
    ),
}
STRENGTHS = {"L2-SP": 0.3, "EWC": 10_000, "distillation": 1.0, "replay": 0.3}  # tools.tuning
MISSIONS = (
    "1. Forget more than 20 points, with no remedy",
    "2. Learn 75 % and forget less than 5 points, with no remedy",
    "3. The same at the highest rate, with a remedy",
)


@dataclass(frozen=True)
class ForgettingSetting:
    """What is set: the learning rate, and a remedy against forgetting."""

    rate: str = RATES[-1]
    remedy: str = NOTHING


@dataclass(frozen=True)
class ForgettingRun:
    """What came of a run: validation accuracies on the old task and on the new one."""

    setting: ForgettingSetting
    kept: float
    learnt: float


class ForgettingController:
    """The controller: each run fine-tunes a copy of the source model; all are shown together."""

    title = "Learn and keep"
    help = (
        "Choose a learning rate and a remedy, and train. Train again for another draw of the "
        "labels, to see how much is chance."
    )
    worth = Worth(related=False)

    def __init__(self, source: StagedModel, source_task: Task, target_task: Task) -> None:
        self.source, self.source_task, self.target_task = source, source_task, target_task
        self.before = evaluate(source, source_task, "validation")
        self.setting = ForgettingSetting()
        self.runs: list[ForgettingRun] = []

    def controls(self) -> tuple[Control, ...]:
        """Return the rate, the remedy and the button."""
        return (
            Choice("rate", "Learning rate", RATES, self.setting.rate),
            Choice("remedy", "Remedy", (NOTHING, *REMEDIES), self.setting.remedy),
            Press("train", "Fine-tune on the new task"),
        )

    def set(self, name: str, value: Any) -> None:
        """Change one setting; nothing is trained until the button is pressed."""
        self.setting = replace(self.setting, **{name: value})

    def press(self, name: str) -> Iterator[Progress]:
        """Fine-tune as it is set; the same setting again gets other labels."""
        now = self.setting
        seed = sum(run.setting == now for run in self.runs)
        yield Progress(0, "preparing")
        task = few_shot(self.target_task, SHOTS, seed)
        model = with_head(self.source, task.classes, seed=seed)
        training = Training(
            model, task, epochs=EPOCHS, lr=float(now.rate), seed=seed, progress=False,
            penalty=self._penalty(now.remedy, seed),
        )  # fmt: skip
        for step in training:
            if step.row and (epoch := step.row["epoch"]):
                yield Progress(epoch / EPOCHS, f"{epoch} of {EPOCHS} epochs")
        kept = evaluate(model, self.source_task, "validation", head=self.source.head)
        self.runs.append(ForgettingRun(now, kept, evaluate(model, self.target_task, "validation")))

    def view(self) -> View:
        """Return what the last run kept and learnt, all runs in a picture, and the missions."""
        alt = (
            "Learnt over kept, in per cent: a numbered point for each run. A box at the top right "
            "has the runs that learn enough and forget little."
        )
        pairs = [(run.kept, run.learnt) for run in self.runs]
        tables = (missions(self._met()), *([self._table()] if self.runs else []))
        return View(self._status(), tables, partial(plot_kept, pairs, self.before), (7, 3.2), alt)

    def _penalty(self, remedy: str, seed: int) -> Penalty | None:
        if remedy == NOTHING:
            return None
        return REMEDIES[remedy](self.source, self.source_task, STRENGTHS[remedy], seed)

    def _status(self) -> str:
        if not self.runs:
            return f"Before: {self.before:.0%} of the old task. Nothing fine-tuned yet."
        run = self.runs[-1]
        return (
            f"Run {len(self.runs)}: {run.kept:.0%} of the old task kept, after {self.before:.0%} "
            f"before; {run.learnt:.0%} of the new one learnt."
        )

    def _table(self) -> Table:
        rows = tuple(
            (f"{k}", run.setting.remedy, run.setting.rate, f"{run.kept:.0%}", f"{run.learnt:.0%}")
            for k, run in enumerate(self.runs, start=1)
        )
        return Table("All runs", ("run", "remedy", "rate", "kept", "learnt"), rows[::-1])

    def _met(self) -> dict[str, bool]:
        plain = [run for run in self.runs if run.setting.remedy == NOTHING]
        fast = [r for r in self.runs if r not in plain and r.setting.rate == RATES[-1]]

        def both(runs: list[ForgettingRun]) -> bool:
            return any(r.learnt >= ENOUGH and self.before - r.kept < LITTLE for r in runs)

        forgot = any(self.before - run.kept > MUCH for run in plain)
        return dict(zip(MISSIONS, (forgot, both(plain), both(fast)), strict=True))


def forgetting_explorer(source: StagedModel, source_task: Task, target_task: Task) -> Explorer:
    """Return an explorer of how much of a task fine-tuning forgets, by rate and remedy [C12].

    Each run fine-tunes a copy of `source`, which must know `source_task`, on 20 labels per class of
    `target_task`, with a new head. The old task is then asked through the old head, which never
    trains. The remedies have the strengths that validation pictures of other seeds chose.

    Raises `ValueError` if the source's head lacks a class of `source_task`.

    >>> from cs826tl import load_backbone, load_pair
    >>> old, new = load_pair("mnist_halves")
    >>> source = load_backbone("small_vgg", weights="random", size=16)
    >>> explorer = forgetting_explorer(with_head(source, old.classes), old, new)
    >>> explorer.state["status"]
    'Before: ... of the old task. Nothing fine-tuned yet.'
    """
    return Explorer(ForgettingController(source, source_task, target_task))
