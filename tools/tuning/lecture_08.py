"""Choose the rate of each way in lecture 08's ablation.

Usage: `python -m tools.tuning.lecture_08`. Each way's rate is the one with the best
mean *validation* accuracy over seeds that the lecture does not use: once for the lecture's number
of epochs and, for two of the ways, once for twice as many. The test split is not touched.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import pandas as pd

import cs826tl as tl
from cs826tl.networks.staging import StagedModel

SEEDS = range(100, 103)
RATES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
OFF = {"ratio": 1, "factor": 1, "stages_per_epoch": math.inf}
WAYS: dict[str, Mapping[str, float]] = {
    "all three": {},
    "without triangle": {"ratio": 1},
    "without discriminative": {"factor": 1},
    "without unfreezing": {"stages_per_epoch": math.inf},
    "plain": OFF,
    "head alone": OFF,
}


def validation_accuracy(
    backbone: StagedModel, way: str, lr: float, epochs: int, seed: int
) -> float:
    """Return what one way reaches on the validation split, as the lecture trains it."""
    task = tl.load_task("digits", shots=5, seed=seed)
    model = tl.with_head(backbone, task.classes, seed=seed)
    tl.freeze(model) if way == "head alone" else tl.freeze(model, through="stage6")
    plan = tl.ulmfit_plan(model, task, epochs=epochs, lr=lr, batch_size=16, **WAYS[way])
    tl.fit(model, task, plan=plan, batch_size=16, seed=seed)
    return tl.evaluate(model, tl.load_task("digits"), "validation")


def table(
    epochs: int,
    ways: Iterable[str] = WAYS,
    rates: Iterable[float] = RATES,
    seeds: Iterable[int] = SEEDS,
) -> pd.DataFrame:
    """Return one row per way and one column per rate: validation accuracy, averaged over seeds."""
    backbone = tl.load_backbone("efficientnet_lite0", size=64)
    rows = [
        {"way": way, "lr": lr, "accuracy": validation_accuracy(backbone, way, lr, epochs, seed)}
        for way in ways
        for lr in rates
        for seed in seeds
    ]
    found = pd.DataFrame(rows).groupby(["way", "lr"], sort=False)["accuracy"].mean()
    return found.unstack()


def main() -> None:
    """Print the tables and each way's best rate."""
    for epochs, ways in ((6, tuple(WAYS)), (12, ("all three", "plain"))):
        found = table(epochs, ways)
        shown = found.assign(best=found.idxmax(axis=1)).round(3).to_string()
        print(f"\n{epochs} epochs\n{shown}", flush=True)


if __name__ == "__main__":
    main()
