"""scikit-learn's own semi-supervised classifiers, driven through the signature of the others."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.base import clone

from cs826tl.methods.adaptation.base import UNLABELLED, Labels, Transductive, stacked


class SemiSupervised(Transductive):
    """Let a semi-supervised classifier of scikit-learn's use the target as unlabelled rows [C06].

    `estimator` is a `SelfTrainingClassifier`, `LabelPropagation` or `LabelSpreading`. After `fit`,
    `estimator_` holds it fitted, with what it says of its own work (`transduction_`,
    `labeled_iter_`); there the source's rows come first, and the target's follow.

    The pitfall: such methods were made for unlabelled rows of the *same* domain. Nothing in them
    knows that the target differs.

    Zhu and Ghahramani 2002 (label propagation); Zhou et al. 2003 (label spreading); Yarowsky 1995
    (doi:10.3115/981658.981684, self-training).

    >>> from sklearn.semi_supervised import LabelSpreading
    >>> method = SemiSupervised(LabelSpreading(kernel="knn", n_neighbors=2))
    >>> method.fit([[0.0], [9.0]], ["low", "high"], [[1.0], [8.0], [2.0]]).predict([[3.0]])
    array(['low'], dtype='<U4')
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def _learn(self, source: Any, labels: Labels, target: Any | None) -> None:
        if target is not None:
            source = stacked(source, target)
            labels = np.append(labels, np.full(target.shape[0], UNLABELLED))
        with warnings.catch_warnings():  # self-training's, of the source alone
            warnings.filterwarnings("ignore", "y contains no unlabeled samples")
            self.estimator_ = clone(self.estimator).fit(source, labels)

    def _decide(self, rows: Any) -> Labels:
        found: Labels = self.estimator_.predict(rows)
        return found
