"""One cell of the four scenarios: every strategy on one draw of few or many labels [C07, C11]."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd
import torch

from cs826tl.data.loading import load_task
from cs826tl.data.pictures import colour_histogram
from cs826tl.data.tasks import Split, Task
from cs826tl.networks.heads import with_head
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import clear_codes
from cs826tl.training.evaluation import evaluate
from cs826tl.training.fitting import fit
from cs826tl.training.freezing import freeze
from cs826tl.training.probes import encode_task, linear_probe
from cs826tl.verdicts.records import recorded_table

SIDE = {"cifar10": 96, "mnist_70k": 64}  # pixels at which each task is fed
TESTED = 500
# Epochs and rate of tuning all, by labels per class: `python -m tools.tuning.lecture_07`.
SETTINGS = {
    5: {"epochs": 12, "lr": 1e-3},
    40: {"epochs": 4, "lr": 1e-3},
    500: {"epochs": 2, "lr": 3e-4},
}
LINEAR = {
    "colour histogram": "histogram",
    "raw pixels": "pixels",
    "linear, earlier": "stage7",
    "linear on codes": "stage9",
}
FROZEN = {"tune highest stages": "stage7", "tune all": None}


def draw(name: str, shots: int, seed: int) -> Task:
    """Return a few-shot task whose labels and test pictures the seed has drawn."""
    task = load_task(name, shots=shots, seed=seed)
    rows = torch.randperm(len(task.test), generator=torch.Generator().manual_seed(seed))
    return replace(task, validation=task.validation[:10], test=task.test[rows[:TESTED]])


def cell(seed: int, name: str, shots: int, epochs: int, lr: float) -> dict[str, float]:
    """Return the test accuracy of every strategy and rival; `epochs` are those of tuning all.

    Tuning the highest stages is cheap, because the others run once: it gets twice the epochs.
    """
    task = draw(name, shots, seed)
    found = linear(task) | {
        "tune highest stages": tune(task, "tune highest stages", 2 * epochs, lr, seed),
        "tune all": tune(task, "tune all", epochs, lr, seed),
    }
    clear_codes()  # those of another draw are other pictures
    return found


def twice(seed: int, name: str, shots: int, epochs: int, lr: float) -> dict[str, float]:
    """Return the test accuracy of tuning all for twice the epochs, on the same draw."""
    found = tune(draw(name, shots, seed), "tune all", 2 * epochs, lr, seed)
    return {"tune all, twice the epochs": found}


def linear(task: Task) -> dict[str, float]:
    """Return the test accuracy of one linear SVM on what each rival sees of a picture."""
    codes = encode_task(backbone(task.name), task)
    train, validation, test = (
        Split(colour_histogram(part.inputs), part.labels)
        for part in (task.train, task.validation, task.test)
    )
    codes["histogram"] = replace(task, train=train, validation=validation, test=test)
    return {
        way: linear_probe(codes[depth]).score(codes[depth].test.inputs, codes[depth].test.labels)
        for way, depth in LINEAR.items()
    }


def tune(task: Task, way: str, epochs: int, lr: float, seed: int) -> float:
    """Return the test accuracy after fine-tuning, frozen through a stage or not at all."""
    model = with_head(backbone(task.name), task.classes, seed=seed)
    if through := FROZEN[way]:
        freeze(model, through=through)
    fit(model, task, epochs=epochs, lr=lr, seed=seed, progress=False)
    return evaluate(model, task)


@cache
def backbone(name: str) -> StagedModel:
    """Return EfficientNet-Lite0 at the size at which it sees a task."""
    return load_backbone("efficientnet_lite0", size=SIDE[name])


def recorded_cells() -> pd.DataFrame:
    """Return what every seed of every cell found: `task`, `shots`, `seed`, `way`, `accuracy`.

    >>> sorted(recorded_cells()["shots"].unique().tolist())
    [5, 40, 500]
    """
    tables = [
        recorded_table(f"C11_{name}_{shots}")
        .melt(ignore_index=False, var_name="way", value_name="accuracy")
        .reset_index()
        .assign(task=name, shots=shots)
        for name in SIDE
        for shots in SETTINGS
    ]
    return pd.concat(tables, ignore_index=True)
