"""The schedule designer: shape a plan of training, see when each stage wakes, train by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from cs826tl.data.tasks import Task
from cs826tl.lectures.gradual_unfreezing.runs import (
    ScheduleRun,
    ScheduleSetting,
    audit_table,
    met,
    plan_table,
    runs_table,
    status,
)
from cs826tl.networks.staging import StagedModel
from cs826tl.plots.plans import plot_plan_within
from cs826tl.training.auditing import audit, snapshot
from cs826tl.training.freezing import freeze
from cs826tl.training.history import Doing
from cs826tl.training.loop import Training
from cs826tl.training.plans import Plan
from cs826tl.training.schedules import ulmfit_plan
from cs826tl.widgets.controllers import Progress, View, Worth, missions
from cs826tl.widgets.controls import Control, Number, Press
from cs826tl.widgets.explorer import Explorer
from cs826tl.widgets.training_tools import fresh_model

BATCH = 16  # images; a few shots then still make a few steps an epoch
LONGEST = 10  # epochs


class ScheduleDesigner:
    """The controller: one plan at a time; `runs` are all trainings, the stopped ones too."""

    title = "Schedule designer"
    help = (
        "Set the peak of the triangle and its end; see when each stage wakes and how fast it "
        "learns; then train by the plan and read the audit."
    )
    worth = Worth(
        {
            "rise": (0.5, 3.5),
            "peak": (0.003, 0.01),
            "epochs": (3, 6),
            "lowest": (0.0003, 0.003),
            "factor": (1.0, 2.6),
            "stages_per_epoch": (1.0, 4.0),
        }
    )

    def __init__(self, backbone: StagedModel, task: Task, through: str | None, seed: int) -> None:
        self.backbone, self.task, self.through, self.seed = backbone, task, through, seed
        self._untrained = self._fresh_model()
        self.setting = ScheduleSetting()
        self.plan = self._plan(self.setting)
        self.runs: list[ScheduleRun] = []

    def controls(self) -> tuple[Control, ...]:
        """Return the triangle, the factor, the stages per epoch, and Train."""
        now, parts = self.setting, len(self.plan.parts)
        return (
            Number("rise", "Epochs up to the peak", 0, LONGEST - 0.1, 0.1, now.rise),
            Number("peak", "Head's rate at the peak", 0.0001, 0.05, 0.0001, now.peak),
            Number("epochs", "Epochs in all", 1, LONGEST, 1, now.epochs),
            Number("lowest", "Head's lowest rate", 0.0001, 0.05, 0.0001, now.lowest),
            Number("factor", "Factor: times slower, stage by stage", 1, 5, 0.1, now.factor),
            Number(
                "stages_per_epoch",
                "Parts that wake in an epoch, the head first",
                0.5,
                parts,
                0.5,
                now.stages_per_epoch,
            ),
            Press("train", "Train by this plan"),
        )

    def set(self, name: str, value: Any) -> None:
        """Change one setting; the peak stays within the epochs, and above the lowest rate."""
        now = replace(self.setting, **{name: value})
        if now.lowest > now.peak:
            now = replace(now, lowest=value, peak=value)
        now = replace(now, rise=min(now.rise, round(now.epochs - 0.1, 1)))
        self.plan = self._plan(now)
        self.setting = now

    def press(self, name: str) -> Iterator[Progress]:
        """Train a fresh copy by the plan, and audit it after every epoch."""
        run, model, done = ScheduleRun(self.setting, self.plan), self._fresh_model(), 0
        training = Training(model, self.task, plan=self.plan, batch_size=BATCH, seed=self.seed)
        before = snapshot(model)
        try:
            for step in training:
                if step.doing is Doing.BEGIN_EPOCH:
                    before = snapshot(model)
                elif step.row is not None:
                    run.accuracies.append(step.row["validation_accuracy"])
                    run.audits += [audit(model, before)] if step.row["epoch"] else []
                run.stopped = training.history.stopped
                done += step.doing is Doing.TRAINING
                label = f"epoch {step.row['epoch']}" if step.row else step.doing
                yield Progress(done / (self.plan.epochs * self.plan.batches), label)
        finally:
            if run.accuracies:
                self.runs.append(run)

    def view(self) -> View:
        """Return the plan as a picture and a table, missions, the last run's audit, all runs."""
        tables = [missions(met(self.runs)), plan_table(self.plan)]
        if self.runs:
            tables += [audit_table(self.runs[-1])] if self.runs[-1].audits else []
            tables.append(runs_table(self.runs))
        alt = (
            "A line for each stage: its learning rate over the epochs, on a logarithmic axis. A "
            "dot with the stage's name marks where it wakes."
        )
        said = status(self.plan, self.runs)
        draw = partial(plot_plan_within, self.plan, LONGEST)
        return View(said, tuple(tables), draw, (7.5, 3.8), alt)

    def _plan(self, now: ScheduleSetting) -> Plan:
        return ulmfit_plan(
            self._untrained, self.task, epochs=now.epochs, lr=now.peak, cut=now.rise / now.epochs,
            ratio=now.peak / now.lowest, factor=now.factor,
            stages_per_epoch=now.stages_per_epoch, batch_size=BATCH,
        )  # fmt: skip

    def _fresh_model(self) -> StagedModel:
        model = fresh_model(self.backbone, self.task.classes, self.seed)
        return model if self.through is None else freeze(model, through=self.through)


def schedule_designer(
    backbone: StagedModel, task: Task, *, through: str | None = None, seed: int = 0
) -> Explorer:
    """Return an explorer to design slanted triangular rates, discriminative rates, unfreezing.

    Every training begins from a fresh copy of the backbone with a new head, frozen `through` the
    named stage from first to last (None: no stage), so runs can be compared. It trains in batches
    of 16; `seed` draws the head and the batches. The pitfall: choosing the best of many runs is
    learning the validation split [C14].

    Raises `ValueError` for an unknown stage or a task with one class.

    >>> from cs826tl import load_backbone, load_task
    >>> backbone = load_backbone("small_vgg", weights="random")
    >>> explorer = schedule_designer(backbone, load_task("digits", shots=5), through="block2")
    >>> explorer.set("stages_per_epoch", 2)
    >>> explorer.state["status"]
    '6 epochs of 4 steps. block3 wakes last, in epoch 2, and learns at 0.0013 at most.'
    """
    return Explorer(ScheduleDesigner(backbone, task, through, seed))
