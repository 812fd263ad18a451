"""Choose the strengths of lecture 09's remedies.

Usage: `python -m tools.tuning.lecture_09`. Each remedy's strength is the one with the
best mean of two *validation* accuracies, of the old task and of the new one, over seeds that the
lecture does not use. The test splits are not touched.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

import cs826tl as tl
from cs826tl.lectures.catastrophic_forgetting.explorer import REMEDIES
from cs826tl.networks.staging import StagedModel

SEEDS = range(100, 103)
AGGRESSIVE = 3e-3  # above the rate that trained the network from random weights
GRIDS = {
    "lower rate": (1e-4, 3e-4, 1e-3),
    "L2-SP": (0.1, 0.3, 1.0, 3.0, 10.0),
    "EWC": (1e3, 1e4, 1e5, 1e6),
    "distillation": (0.3, 1.0, 3.0, 10.0),
    "replay": (0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
}


def trained_source(seed: int) -> StagedModel:
    """Return the lecture's small network, trained on the digits 0 to 4."""
    source = tl.load_backbone("small_vgg", weights="random", size=16, seed=seed)
    source_task, _ = tl.load_pair("mnist_halves")
    tl.fit(source, source_task, epochs=4, lr=2e-3, batch_size=64, seed=seed)
    return source


def both(source: StagedModel, remedy: str, strength: float, seed: int) -> tuple[float, float]:
    """Return the validation accuracies of the old task and of the new one after fine-tuning."""
    source_task, target_task = tl.load_pair("mnist_halves")
    task = tl.few_shot(target_task, 20, seed)
    make = REMEDIES.get(remedy)
    penalty = make(source, source_task, strength, seed) if make else None
    model = tl.with_head(source, task.classes, seed=seed)
    lr = strength if remedy == "lower rate" else AGGRESSIVE
    watch = {"source": (source_task, source.head)}
    history = tl.fit(model, task, epochs=8, lr=lr, penalty=penalty, watch=watch, seed=seed)
    return history["source_accuracy"][-1], history["validation_accuracy"][-1]


def table(remedies: Iterable[str] = GRIDS, seeds: Iterable[int] = SEEDS) -> pd.DataFrame:
    """Return one row per remedy and strength: the two accuracies, averaged over the seeds."""
    sources = {seed: trained_source(seed) for seed in seeds}
    rows = [
        {"remedy": remedy, "strength": strength, "seed": seed}
        | dict(zip(("old", "new"), both(source, remedy, strength, seed), strict=True))
        for remedy in remedies
        for strength in GRIDS[remedy]
        for seed, source in sources.items()
    ]
    means = pd.DataFrame(rows).groupby(["remedy", "strength"], sort=False)[["old", "new"]].mean()
    return means.assign(both=means.mean(axis=1))


def main() -> None:
    """Print the table and the best strength of each remedy."""
    found = table()
    print(found.round(3).to_string())
    for remedy, strength in found.groupby("remedy", sort=False)["both"].idxmax():
        print(f"{remedy}: {strength:g}")


if __name__ == "__main__":
    main()
