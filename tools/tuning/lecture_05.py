"""Choose the values of `C` that lecture 05 offers its classifiers.

Usage: `python -m tools.tuning.lecture_05`. It prints validation
accuracies of seeds that the lecture does not use, for values of `C` below, in and above those that
the lecture chooses from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import cs826tl as tl

SEEDS = range(100, 103)
STRENGTHS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)


def classifiers(strength: float) -> dict[str, ClassifierMixin]:
    """Return the lecture's two classifiers for one value of `C`."""
    return {
        "SVM": LinearSVC(C=strength, random_state=0),
        "softmax": LogisticRegression(C=strength, max_iter=1000),
    }


def strengths(seeds: Iterable[int], values: Sequence[float] = STRENGTHS) -> pd.DataFrame:
    """Return mean validation accuracy on Lite0's last codes: one row per value of `C`."""
    backbone = tl.load_backbone("efficientnet_lite0", size=64)
    rows = {}
    for value in values:
        found: dict[str, list[float]] = {"SVM": [], "softmax": []}
        for seed in seeds:
            task = tl.load_task("photos", shots=10, seed=seed)
            codes, held_out = (
                tl.encode(backbone, split.inputs).cpu().numpy()
                for split in (task.train, task.validation)
            )
            for name, classifier in classifiers(value).items():
                model = make_pipeline(StandardScaler(), classifier).fit(codes, task.train.labels)
                found[name].append(model.score(held_out, task.validation.labels))
        rows[value] = {name: float(np.mean(scores)) for name, scores in found.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("C").round(2)


def main() -> None:
    """Print the table."""
    print(strengths(SEEDS))


if __name__ == "__main__":
    main()
