"""Lecture 04: epochs and rate of the new head, by accuracy on validation crops of other draws.

Usage: `python -m tools.tuning.lecture_04`.
"""

from __future__ import annotations

import pandas as pd

import cs826tl as tl

SEEDS = range(100, 103)
EPOCHS, RATES = (5, 10, 20), (3e-4, 1e-3, 3e-3)


def accuracy(epochs: int, lr: float) -> float:
    """Return the mean validation accuracy of a head on frozen codes of 20 crops a photograph."""
    backbone, found = tl.load_backbone("efficientnet_lite0", size=96), []
    for seed in SEEDS:
        crops = tl.load_task("photos", shots=20, seed=seed)
        model = tl.freeze(tl.with_head(backbone, crops.classes, seed=seed))
        tl.fit(model, crops, epochs=epochs, lr=lr, seed=seed)
        found.append(tl.evaluate(model, crops, "validation"))
    return sum(found) / len(found)


def main() -> None:
    """Print the table."""
    table = {epochs: [accuracy(epochs, lr) for lr in RATES] for epochs in EPOCHS}
    print("rate by epochs")
    print(pd.DataFrame(table, index=list(RATES)).round(3))


if __name__ == "__main__":
    main()
