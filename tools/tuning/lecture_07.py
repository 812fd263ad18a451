"""Choose lecture 07's depths, learning rate and epochs.

Usage: `python -m tools.tuning.lecture_07`. It prints validation accuracies of seeds that the
lecture does not use: a linear SVM at every depth, then every way of training at three learning
rates, after half the lecture's epochs, as many, and twice as many. On two quiet cores it takes
half an hour.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd
import torch

import cs826tl as tl

CELLS = {
    "small, similar": ("photos", 5),
    "small, different": ("mnist", 5),
    "large, similar": ("photos", 40),
    "large, different": ("mnist", 40),
}
RATES = (3e-4, 1e-3, 3e-3)  # the lecture's is the middle one
SEEDS = range(100, 103)


@dataclass(frozen=True)
class Way:
    """A network, its weights, how far it is frozen, and the epochs that the lecture trains it."""

    epochs: int
    through: str | None = None
    network: str = "efficientnet_lite0"
    weights: Literal["imagenet", "random"] = "imagenet"
    size: int = 64


ALL, HIGHEST = Way(5), Way(10, through="stage7")
WAYS = {
    "small, similar": {"tune highest stages": Way(20, "stage7"), "tune all": Way(10)},
    "small, different": {"tune highest stages": Way(20, "stage7"), "tune all": Way(10)},
    "large, different": {"tune highest stages": HIGHEST, "tune all": ALL},
    "large, similar": {
        "extractor": Way(20, through="stage9"),
        "tune highest stages": HIGHEST,
        "tune all": ALL,
        "extractor, random": Way(20, through="stage9", weights="random"),
        "from scratch": Way(5, weights="random"),
        "small, from scratch": Way(20, network="small_vgg", weights="random", size=32),
    },
}


def accuracies(way: Way, cell: str, seed: int, lr: float) -> list[float]:
    """Train one way; return validation accuracy after half its epochs, after all, after twice."""
    name, shots = CELLS[cell]
    task = tl.load_task(name, shots=shots, seed=seed)
    every_fourth = torch.arange(0, len(task.validation), 4)
    task = replace(task, validation=task.validation[every_fourth])
    start = tl.load_backbone(way.network, weights=way.weights, size=way.size)
    model = tl.with_head(start, task.classes, seed=seed)
    if way.through:
        tl.freeze(model, through=way.through)
    history = tl.fit(model, task, epochs=2 * way.epochs, lr=lr, seed=seed, progress=False)
    curve = history["validation_accuracy"]
    return [curve[n] for n in (way.epochs // 2, way.epochs, 2 * way.epochs)]


def depths(weights: Literal["imagenet", "random"], seeds: Iterable[int]) -> pd.DataFrame:
    """Return the mean validation accuracy of a linear SVM: one row per depth, one column a cell."""
    backbone = tl.load_backbone("efficientnet_lite0", weights=weights, size=64)
    codes = {
        name: tl.training.encode_task(backbone, tl.load_task(name)) for name in ("photos", "mnist")
    }
    return pd.DataFrame(
        {
            cell: tl.probe_depths(codes[name], shots=shots, seeds=seeds).mean(axis=1)
            for cell, (name, shots) in CELLS.items()
        }
    )


def tables(seeds: Iterable[int] = SEEDS, rates: Iterable[float] = RATES) -> None:
    """Print what the lecture's settings were chosen by."""
    print("half, as many, and twice the epochs; mean validation accuracy")
    for cell, ways in WAYS.items():
        for name, way in ways.items():
            for lr in rates:
                found = pd.DataFrame([accuracies(way, cell, seed, lr) for seed in seeds]).mean()
                print(f"{cell}; {name}; lr {lr:g}:", *found.round(2), flush=True)
    for weights in ("imagenet", "random"):
        print(f"\nlinear SVM at every depth, {weights} weights", depths(weights, seeds), sep="\n")


def main() -> None:
    """Print the tables."""
    tables()


if __name__ == "__main__":
    main()
