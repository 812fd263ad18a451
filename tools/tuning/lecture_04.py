"""Lecture 04: rates and epochs of trial C08, by accuracy on validation photographs of other draws.

Usage: `python -m tools.tuning.lecture_04`. From scratch each rate trains the small VGG on 20,000
photographs for five epochs; the head is trained on ten labels a class.
"""

from __future__ import annotations

import pandas as pd

import cs826tl as tl

SEED, RATES, EPOCHS = 100, (1e-3, 3e-3, 1e-2), (10, 20, 40)


def scratch(lr: float, shots: int = 2000, epochs: int = 5) -> list[float]:
    """Return the validation accuracy after each epoch of the small VGG from scratch."""
    task = tl.load_task("cifar10", shots=shots, seed=SEED)
    network = tl.load_backbone("small_vgg", weights="random", size=32, seed=SEED)
    model = tl.unfreeze(tl.with_head(network, task.classes, seed=SEED))
    return tl.fit(model, task, epochs=epochs, lr=lr, seed=SEED)["validation_accuracy"]


def head(lr: float, epochs: int, shots: int = 10) -> float:
    """Return the validation accuracy of a head on Lite0's codes at 128 px."""
    task = tl.load_task("cifar10", shots=shots, seed=SEED)
    network = tl.load_backbone("efficientnet_lite0", size=128)
    model = tl.freeze(tl.with_head(network, task.classes, seed=SEED))
    tl.fit(model, task, epochs=epochs, lr=lr, seed=SEED)
    return tl.evaluate(model, task, "validation")


def main() -> None:
    """Print both tables."""
    print("head: rate by epochs")
    table = {number: [head(lr, number) for lr in RATES] for number in EPOCHS}
    print(pd.DataFrame(table, index=list(RATES)).round(3), flush=True)
    print("from scratch: rate by epoch")
    print(pd.DataFrame([scratch(lr) for lr in RATES], index=list(RATES)).round(3))


if __name__ == "__main__":
    main()
