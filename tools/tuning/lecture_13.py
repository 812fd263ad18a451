"""Lecture 13: the rate of every way to learn the forms, on validation data of other seeds.

Usage: `python -m tools.tuning.lecture_13`; it takes an hour and three quarters on one core. Of each
way the lecture and its trials take the rate with the best mean accuracy on MNIST's validation split
after twenty passes, and of LoRA the next lower one as well. What is left of the photographs decides
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import pandas as pd

from cs826tl.data.loading import load_task
from cs826tl.lectures.cheap_changes.experiments import (
    HEAD_EPOCHS,
    changed,
    forms,
    kept,
    only_a_head,
    untrained,
)
from cs826tl.networks.staging import StagedModel
from cs826tl.training.evaluation import evaluate
from cs826tl.training.fitting import fit
from cs826tl.training.freezing import freeze

SEEDS = range(100, 103)
LORA_SEEDS = range(100, 106)  # near 3e-3 it breaks for some seeds only
HEADS = (1e-3, 3e-3, 1e-2, 3e-2)
HEAD_FIRST = "everything, after the head"
TRIED: dict[str, dict[int, tuple[float, ...]]] = {  # by way and passes: the rates
    "LoRA": {10: (1e-3, 3e-3), 20: (1e-3, 2e-3, 3e-3, 1e-2)},
    "LoRA, rank 1": {10: (1e-3, 3e-3), 20: (1e-3, 3e-3), 40: (3e-3,)},
    "everything": {10: (1e-4, 3e-4, 1e-3), 20: (3e-5, 1e-4, 3e-4)},
    "normalisation as well": {20: (3e-4, 1e-3, 3e-3)},
    HEAD_FIRST: {10: (3e-5, 1e-4, 3e-4, 1e-3), 20: (3e-4,), 40: (3e-5, 1e-4, 3e-4)},
}


def measured(way: Callable[[int], StagedModel], seeds: Iterable[int] = SEEDS) -> str:
    """Return the mean accuracy on the validation split, and on the photographs."""
    whole = load_task("mnist")
    rows = []
    for seed in seeds:
        model = way(seed)
        rows.append((evaluate(model, whole, "validation"), kept(model, seed)))
    read, left = pd.DataFrame(rows).mean()
    return f"{read:.3f} ({left:.2f})"


def head(lr: float, seed: int) -> StagedModel:
    """Return the published network with a head that has learnt the forms at this rate."""
    model = freeze(untrained(seed))
    fit(model, forms(seed), epochs=HEAD_EPOCHS, lr=lr, seed=seed)
    return model


def trained(way: str, lr: float, epochs: int, seed: int) -> StagedModel:
    """Return a network that has learnt the forms in this way, at this rate."""
    if way == HEAD_FIRST:
        return changed("everything", seed, start=only_a_head(seed), lr=lr, epochs=epochs)
    return changed(way, seed, lr=lr, epochs=epochs)


def main() -> None:
    """Print the tables."""
    for lr in HEADS:
        print(f"the head alone, {lr:g}: {measured(partial(head, lr))}", flush=True)
    for way, tried in TRIED.items():
        seeds = LORA_SEEDS if way == "LoRA" else SEEDS
        for epochs, rates in tried.items():
            for lr in rates:
                found = measured(partial(trained, way, lr, epochs), seeds)
                print(f"{way}, {epochs} passes, {lr:g}: {found}", flush=True)


if __name__ == "__main__":
    main()
