"""Choose the settings of lecture 10's methods on the source.

Usage: `python -m tools.tuning.lecture_10`. Half of the source's labels are hidden. Each
method learns from the other half and the hidden rows, and is scored on the hidden labels, over
seeds that the lecture does not use. No target row is touched. It prints the accuracy of every
setting; `line_up` holds the chosen ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
from sklearn.base import clone

from cs826tl.lectures.transductive_transfer import line_up
from cs826tl.methods.adaptation import blind_pair
from cs826tl.methods.adaptation.pairs import BlindPair, Sealed

SEEDS = range(100, 103)
GRIDS: dict[str, tuple[str, tuple[float, ...]]] = {  # by method: a parameter and its values
    "self-training": ("estimator__estimator__C", (0.3, 1, 3, 10)),
    "naive Bayes, EM": ("estimator__alpha", (0.03, 0.1, 0.3, 1)),
    "transductive SVM": ("C", (0.03, 0.1, 0.3, 1, 3)),
    "label propagation": ("estimator__gamma", (2, 4, 8, 16)),
    "label spreading": ("estimator__alpha", (0.1, 0.2, 0.5, 0.8)),
    "learned metric": ("n_components", (10, 20, 40)),
}


def within_the_source(name: str, seed: int) -> BlindPair:
    """Return a pair of two halves of the source: one with labels, one whose labels are sealed."""
    pair = blind_pair(name, seed=seed)
    order = np.random.default_rng(seed).permutation(len(pair.y_source))
    told, hidden = np.array_split(order, 2)
    rows = pair.X_source
    known, unlabelled = (
        rows[half] if hasattr(rows, "shape") else tuple(rows[k] for k in half)
        for half in (told, hidden)
    )
    sealed = Sealed(pair.y_source[hidden], unlabelled, pair.y_source[hidden])
    return replace(
        pair, X_source=known, y_source=pair.y_source[told], X_target=unlabelled, sealed=sealed
    )


def table(
    name: str, methods: Iterable[str] = tuple(GRIDS), seeds: Iterable[int] = SEEDS
) -> pd.DataFrame:
    """Return one row per method and value of its parameter: accuracy, averaged over the seeds."""
    rows = []
    for seed in seeds:
        methods_and_pairs = line_up(within_the_source(name, seed))
        for method in methods:
            estimator, pair = methods_and_pairs[method]
            parameter, values = GRIDS[method]
            for value in values:
                tried = clone(estimator).set_params(**{parameter: value})
                accuracy = pair.score(pair.adapted(tried))
                rows.append({"method": method, parameter: value, "accuracy": accuracy})
    long = pd.DataFrame(rows).melt(["method", "accuracy"], var_name="parameter").dropna()
    means = long.groupby(["method", "parameter", "value"], sort=False)["accuracy"].mean()
    return means.to_frame()


def main() -> None:
    """Print the tables."""
    for name in ("digits", "opinions"):
        print(f"\n{name}\n{table(name).round(3).to_string()}", flush=True)


if __name__ == "__main__":
    main()
