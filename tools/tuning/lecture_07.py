"""Choose the learning rates and the earlier depth of lecture 07 and its trials C07 and C11.

Usage: `python -m tools.tuning.lecture_07`. It prints validation accuracies of seeds that no trial
uses: a linear SVM at every depth, then both ways of fine-tuning at three learning rates, after
half the epochs, and after all of them. On two quiet cores it takes an hour, most of it for 500 examples
per class.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd
import torch

import cs826tl as tl

EPOCHS = {5: 12, 40: 4, 500: 4}  # for each number of examples per class: those of tuning all
WAYS = {"tune all": None, "tune highest stages": "stage7"}  # frozen through
RATES = (3e-4, 1e-3, 3e-3)
SEEDS = range(100, 102)


def load(name: str, shots: int, seed: int) -> tl.Task:
    """Load a few-shot task with 300 pictures to choose by, more than the few shots bring."""
    whole = tl.load_task(name)
    rows = torch.randperm(len(whole.validation), generator=torch.Generator().manual_seed(seed))
    few = tl.few_shot(whole, shots, seed)
    return replace(few, validation=whole.validation[rows[:300]], test=few.test[:10])


def curve(way: str, name: str, shots: int, seed: int, lr: float) -> list[float]:
    """Train one way; return validation accuracy after half its epochs, and after all."""
    task = load(name, shots, seed)
    model = tl.with_head(tl.load_backbone("efficientnet_lite0", size=96), task.classes, seed=seed)
    if through := WAYS[way]:
        tl.freeze(model, through=through)
    epochs, rows = EPOCHS[shots], {}
    training = tl.Training(
        model,
        replace(task, validation=task.validation[:10]),
        epochs=epochs,
        lr=lr,
        seed=seed,
        progress=False,
    )
    for step in training:
        if step.row and step.row["epoch"] in (epochs // 2, epochs):
            chosen = replace(task, test=task.validation)
            rows[step.row["epoch"]] = tl.evaluate(model, chosen)
    return list(rows.values())


def depths(name: str, seeds: Iterable[int]) -> pd.DataFrame:
    """Return the mean validation accuracy of a linear SVM: one row per depth, one column a size."""
    backbone = tl.load_backbone("efficientnet_lite0", size=96)
    codes = tl.training.encode_task(backbone, load(name, 100, 100))
    return pd.DataFrame(
        {
            shots: tl.probe_depths(codes, shots=shots, seeds=seeds).mean(axis=1)
            for shots in (5, 40, 100)
        }
    )


def tables(seeds: Iterable[int] = SEEDS, rates: Iterable[float] = RATES) -> None:
    """Print what the settings were chosen by."""
    for name in ("cifar10", "mnist_70k"):
        print(f"{name}: linear SVM at every depth", depths(name, seeds).round(2), sep="\n")
    print("half the epochs, and all; mean validation accuracy")
    for shots in EPOCHS:
        for name in ("cifar10", "mnist_70k"):
            for way in WAYS:
                for lr in rates:
                    found = pd.DataFrame([curve(way, name, shots, s, lr) for s in seeds]).mean()
                    print(f"{name}, {shots}; {way}; lr {lr:g}:", *found.round(2), flush=True)


def main() -> None:
    """Print the tables."""
    tables()


if __name__ == "__main__":
    main()
