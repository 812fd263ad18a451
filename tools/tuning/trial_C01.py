"""Trial C01: rate and epochs from scratch, by accuracy on CIFAR-10's validation pictures.

Usage: `python -m tools.tuning.trial_C01`. Seeds 100 and 101, which the trial does not use: the
trial's epochs, half and twice as many.
"""

from __future__ import annotations

from statistics import mean

import pandas as pd

import cs826tl as tl
from cs826tl.lectures.why_transfer.from_scratch import accuracy_of, train_from_scratch

SEEDS = range(100, 102)
RATES = (3e-3, 1e-2, 3e-2)
EPOCHS = {5: (50, 100, 200), 20: (50, 100, 200), 100: (20, 40, 80), 500: (6, 12, 24)}  # by labels
PICTURES = 1000


def accuracy(shots: int, epochs: int, lr: float) -> float:
    """Return the mean accuracy on validation pictures."""
    held_out = tl.load_task("cifar10").validation[:PICTURES]
    found = []
    for seed in SEEDS:
        train = tl.load_task("cifar10", shots=shots, seed=seed).train
        network = train_from_scratch(train, 10, epochs=epochs, lr=lr, seed=seed)
        found.append(accuracy_of(network, held_out))
    return mean(found)


def main() -> None:
    """Print a table for each number of labels."""
    for shots, epochs in EPOCHS.items():
        table = {e: [accuracy(shots, e, lr) for lr in RATES] for e in epochs}
        print(f"{shots} labels per kind: rate by epochs")
        print(pd.DataFrame(table, index=list(RATES)).round(3), "\n", flush=True)


if __name__ == "__main__":
    main()
