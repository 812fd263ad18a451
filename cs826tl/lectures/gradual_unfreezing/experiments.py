"""Lecture 08's contest: ULMFiT's three ideas, at many rates, near and far [C14]."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import pandas as pd
import torch

from cs826tl.data.loading import load_task
from cs826tl.data.tasks import Task
from cs826tl.networks.heads import with_head
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.progress import progress_bar
from cs826tl.training.codes import clear_codes
from cs826tl.training.evaluation import evaluate
from cs826tl.training.fitting import fit
from cs826tl.training.freezing import freeze
from cs826tl.training.schedules import ulmfit_plan

SIDE = {"mnist_70k": 64, "cifar10": 96}  # pixels at which each target is fed: far, near
SHOTS, TESTED = 5, 500
BATCH = 16  # images; fifty then still make four steps an epoch
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
OFF: Mapping[str, float] = {"ratio": 1, "factor": 1, "stages_per_epoch": math.inf}
WAYS: Mapping[str, Mapping[str, float]] = {
    "all three": {},
    "without triangle": {"ratio": 1},
    "without discriminative": {"factor": 1},
    "without unfreezing": {"stages_per_epoch": math.inf},
    "plain": OFF,
    "head alone": OFF,
}
LONGER = ("all three", "plain", "head alone")  # what twice the epochs are given to


@cache
def backbone(name: str) -> StagedModel:
    """Return EfficientNet-Lite0 at the size at which it is fed a target."""
    return load_backbone("efficientnet_lite0", size=SIDE[name])


def draw(name: str, seed: int) -> Task:
    """Return five labels per class, 200 pictures to choose by, and 500 to test on, by the seed."""
    task = load_task(name, shots=SHOTS, seed=seed)
    rows = torch.randperm(len(task.test), generator=torch.Generator().manual_seed(seed))
    return replace(task, test=task.test[rows[:TESTED]])


def tuned(task: Task, way: str, lr: float, seed: int = 0, epochs: int = 6) -> StagedModel:
    """Return a network that was fine-tuned in one way; stages 1 to 6 are frozen in all of them.

    While it learns, ten pictures of validation are enough for its history.
    """
    model = with_head(backbone(task.name), task.classes, seed=seed)
    freeze(model) if way == "head alone" else freeze(model, through="stage6")
    plan = ulmfit_plan(model, task, epochs=epochs, lr=lr, batch_size=BATCH, **WAYS[way])
    short = replace(task, validation=task.validation[:10])
    fit(model, short, plan=plan, batch_size=BATCH, seed=seed, progress=False)
    return model


def sweep(
    seed: int, name: str, epochs: int = 6, ways: Sequence[str] = tuple(WAYS)
) -> list[dict[str, Any]]:
    """Return a row for each way and rate: accuracy in per cent on validation and on test."""
    task, rows = draw(name, seed), []
    runs = [*product(ways, RATES)]
    with progress_bar("fine-tuning", unit=" runs", total=len(runs)) as bar:
        for way, lr in runs:
            model = tuned(task, way, lr, seed, epochs)
            found = {split: 100 * evaluate(model, task, split) for split in ("validation", "test")}
            rows.append({"way": way, "rate": lr, **found})
            bar.update(1)
    clear_codes()  # those of another draw are other pictures
    return rows


def at_best_rates(rows: pd.DataFrame) -> pd.Series:
    """Return each way's rate of the best mean validation accuracy; the test is not looked at.

    >>> rows = {"way": ["plain"] * 2, "rate": [0.1, 0.2], "validation": [3, 9], "test": [8, 7]}
    >>> at_best_rates(pd.DataFrame(rows)).to_dict()
    {'plain': 0.2}
    """
    means = rows.groupby(["way", "rate"])["validation"].mean().unstack()
    return means.idxmax(axis=1)
