"""The methods of lecture 10 under the protocol of SKADA-Bench, on its four simulated shifts.

Lalou et al. 2024 (arXiv:2407.11676): points of two classes in the plane, five draws of each shift,
five folds of each draw; a fifth of the target is kept for the test. Its settings are those of
`datasets/simulated.py`, `objective.py` and `config/best_base_estimators.yml` in
github.com/scikit-adaptation/skada-bench.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.semi_supervised import LabelPropagation, LabelSpreading, SelfTrainingClassifier
from sklearn.svm import SVC

from benchmarks.published.rows import SIMULATED, SOURCE_ONLY, TARGET_ONLY
from cs826tl.methods.adaptation import (
    DANN,
    Coral,
    LearnedMetric,
    TransductiveSVM,
    reverse_validation,
)
from cs826tl.methods.adaptation.base import Transductive
from cs826tl.methods.adaptation.pairs import BlindPair, Sealed
from cs826tl.methods.adaptation.semi_supervised import SemiSupervised

# By shift: its name for the generator, the noise, and how many hundred points a cluster has.
SHIFTS = {
    "covariate": ("covariate_shift", 0.6, 1),
    "target": ("target_shift", 0.8, 1),
    "conditional": ("conditional_shift", 0.8, 1),  # the table calls it concept_drift
    "subspace": ("subspace", 0.4, 3),
}
DRAWS, FOLDS = range(5), 5
WIDTHS = (0.5, 2)  # of the RBF kernel in graphs of neighbours
CHOSEN = "chosen by reverse validation"

Setting = tuple[Transductive, BlindPair]  # a method, and the pair in the features it takes


def pairs(shift: str) -> Iterator[BlindPair]:
    """Yield the pair of every draw and fold of a shift; the target's labels are sealed.

    Raises `ModuleNotFoundError` without skada, whose generator and folds these are.
    """
    from skada.datasets import make_shifted_datasets
    from skada.model_selection import StratifiedDomainShuffleSplit

    name, noise, hundreds = SHIFTS[shift]
    for draw in DRAWS:
        rows, labels, domains = make_shifted_datasets(
            n_samples_source=100 * hundreds,
            n_samples_target=100 * hundreds,
            shift=name,
            noise=noise,
            label="binary",
            center_cov_shift=(-0.4, 3),
            random_state=draw,
        )
        folds = StratifiedDomainShuffleSplit(FOLDS, test_size=0.2, random_state=0)
        for train, test in folds.split(rows, labels, domains):
            source, target = train[domains[train] > 0], train[domains[train] < 0]
            asked = test[domains[test] < 0]
            sealed = Sealed(labels[target], rows[asked], labels[asked])
            known = rows[source], labels[source].astype(int), rows[target]
            yield BlindPair(name, ("0", "1"), *known, sealed)


def contestants(pair: BlindPair) -> dict[str, list[Setting]]:
    """Return our methods by name, each in all settings that it may choose from.

    `NaiveBayesEM` is missing: it takes counts, or yes and no. Linear methods get the features of
    an RBF kernel, so that they can bend as the published methods' base, `SVC()`, does.
    """
    bent = pair.through(Nystroem(n_components=50, random_state=0))
    softmax = LogisticRegression()
    training = [SelfTrainingClassifier(softmax, threshold=t) for t in (0.75, 0.9)]
    propagation = [LabelPropagation(gamma=g, tol=1.0) for g in WIDTHS]
    spreading = [LabelSpreading(gamma=g, alpha=0.2) for g in WIDTHS]
    near = SemiSupervised(LabelSpreading(kernel="knn", n_neighbors=30, alpha=0.2))
    return {
        "self-training": [(SemiSupervised(it), bent) for it in training],
        "transductive SVM": [(TransductiveSVM(C), bent) for C in (0.1, 1.0)],
        "label propagation": [(SemiSupervised(it), pair) for it in propagation],
        "label spreading": [(SemiSupervised(it), pair) for it in spreading],
        "learned metric": [(LearnedMetric(near, n_components=k), pair) for k in (1, 2)],
        "CORAL": [(Coral(SVC(), ridge=ridge), pair) for ridge in (0.0, 1.0)],
        "DANN": [(DANN(), pair)],
    }


def fold_scores(pair: BlindPair) -> dict[str, float]:
    """Return the test accuracies of all methods on one fold, and the two bounds'.

    Settings are chosen by reverse validation, and in one more row the method too: no target label
    is looked at before the test.
    """
    source, target = (SVC().fit(pair.X_source, pair.y_source), SVC())
    target.fit(pair.X_target, pair.sealed.train_labels)
    found = {name: pair.score(svc) for name, svc in ((SOURCE_ONLY, source), (TARGET_ONLY, target))}
    best = {}
    for name, settings in contestants(pair).items():
        with warnings.catch_warnings():  # a row that no label reaches counts as the first class
            warnings.filterwarnings("ignore", "invalid value encountered in divide")
            backs = [reverse_validation(*setting) for setting in settings]
            method, features = settings[int(np.argmax(backs))]
            found[name] = features.score(features.adapted(method))
        best[name] = max(backs)
    return found | {CHOSEN: found[max(best, key=best.__getitem__)]}


def measure(jobs: int) -> dict[str, list[float]]:
    """Return the accuracies by method, one for each shift, means over draws and folds."""
    columns = []
    for shift in SHIFTS:
        rows = Parallel(jobs)(delayed(fold_scores)(pair) for pair in pairs(shift))
        columns.append(pd.DataFrame(rows).mean())
    return {str(name): row.tolist() for name, row in pd.concat(columns, axis=1).iterrows()}


def deviation(scores: dict[str, list[float]]) -> float:
    """Return by how much the bounds, trained here, differ at most from the published ones."""
    bounds = (SOURCE_ONLY, TARGET_ONLY)
    return float(np.max([np.abs(np.subtract(scores[b], SIMULATED[b])) for b in bounds]))
