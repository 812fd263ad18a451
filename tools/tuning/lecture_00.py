"""Lecture 00: epochs and learning rates, by accuracy on validation pieces of other draws.

Usage: `python -m tools.tuning.lecture_00`.
"""

from __future__ import annotations

import pandas as pd

import cs826tl as tl

SEEDS = range(100, 103)
EPOCHS, RATES, SIZES = (15, 30), (3e-4, 1e-3, 1e-2), (32, 64, 128)


def accuracy(network: str, size: int, epochs: int, lr: float) -> float:
    """Return the mean validation accuracy from 35 pieces; a pre-trained network stays frozen."""
    found = []
    for seed in SEEDS:
        task = tl.load_task("photos", shots=5, seed=seed)
        if network == "small_vgg":
            start = tl.load_backbone(network, weights="random", size=size, seed=seed)
            model = tl.with_head(start, task.classes, seed=seed)
        else:
            start = tl.load_backbone(network, size=size)
            model = tl.freeze(tl.with_head(start, task.classes, seed=seed))
        tl.fit(model, task, epochs=epochs, lr=lr, batch_size=8, seed=seed)
        found.append(tl.evaluate(model, task, "validation"))
    return sum(found) / len(found)


def main() -> None:
    """Print a table per network and size."""
    for network, size in [("small_vgg", 32), *(("efficientnet_lite0", size) for size in SIZES)]:
        table = {e: [accuracy(network, size, e, lr) for lr in RATES] for e in EPOCHS}
        print(f"{network}, {size} px: rate by epochs")
        print(pd.DataFrame(table, index=list(RATES)).round(3), "\n", flush=True)


if __name__ == "__main__":
    main()
