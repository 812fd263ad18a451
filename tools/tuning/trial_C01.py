"""Trial C01: rate and epochs from scratch, by accuracy on CIFAR-10's validation pictures.

Usage: `python -m tools.tuning.trial_C01`. Seed 100, which the trial does not use: its epochs
and half as many; with the most labels, twice as many. On one quiet core it takes 20 minutes.
"""

from __future__ import annotations

import pandas as pd

import cs826tl as tl
from cs826tl.lectures.why_transfer.from_scratch import accuracy_of, train_from_scratch

SEED, RATES = 100, (3e-3, 1e-2, 3e-2)
EPOCHS = {5: (50, 100), 20: (50, 100), 100: (20, 40), 500: (12, 24)}  # by labels per kind
PICTURES = 1000


def accuracy(shots: int, epochs: int, lr: float) -> float:
    """Return the accuracy on validation pictures."""
    train = tl.load_task("cifar10", shots=shots, seed=SEED).train
    network = train_from_scratch(train, 10, epochs=epochs, lr=lr, seed=SEED)
    return accuracy_of(network, tl.load_task("cifar10").validation[:PICTURES])


def main() -> None:
    """Print a table for each number of labels."""
    for shots, epochs in EPOCHS.items():
        table = {e: [accuracy(shots, e, lr) for lr in RATES] for e in epochs}
        print(f"{shots} labels per kind: rate by epochs")
        print(pd.DataFrame(table, index=list(RATES)).round(3), "\n", flush=True)


if __name__ == "__main__":
    main()
