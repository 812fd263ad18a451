"""Choose lecture 06's number of labels and its SVM.

Usage: `python -m tools.tuning.lecture_06`. It prints validation
accuracies of seeds that the lecture does not use, at every depth, with ImageNet's weights and with
random ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import pandas as pd

import cs826tl as tl
from cs826tl.training.probes import CLASSIFIERS

SEEDS = range(100, 103)


def depths(
    name: str,
    weights: Literal["imagenet", "random"],
    seeds: Iterable[int],
    shots: Sequence[int] = (1, 5, 20),
) -> pd.DataFrame:
    """Return mean validation accuracy: one row per depth, one column per classifier and shots."""
    backbone = tl.load_backbone("efficientnet_lite0", weights=weights, size=64)
    codes = tl.training.encode_task(backbone, tl.load_task(name, shots=40))
    columns = {
        (classifier, number): tl.probe_depths(
            codes, shots=number, seeds=seeds, classifier=classifier
        ).mean(axis=1)
        for classifier in CLASSIFIERS
        for number in shots
    }
    return pd.DataFrame(columns).round(2)


def main() -> None:
    """Print the tables."""
    for name in ("photos", "mnist"):
        for weights in ("imagenet", "random"):
            print(f"\n{name}, {weights} weights; labels per class", depths(name, weights, SEEDS))


if __name__ == "__main__":
    main()
