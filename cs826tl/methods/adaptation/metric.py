"""Distance learning: a metric from the source's labels, for another method to measure with."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.neighbors import NeighborhoodComponentsAnalysis

from cs826tl.methods.adaptation.base import Labels, Transductive


class LearnedMetric(Transductive):
    """Learn a distance in which neighbours share labels, and hand it to another method [C06].

    scikit-learn's `NeighborhoodComponentsAnalysis` finds, from the source's labels, a linear map
    to `n_components` numbers. Both domains are mapped, and `estimator`, one of the methods of this
    package, learns from them there. The time it takes grows with the square of the rows; so the
    metric is learnt from at most `rows` of the source's, drawn by `random_state`, in at most
    `max_iter` steps.

    The pitfall: the map keeps what tells classes apart in the source, and throws away the rest.

    Goldberger, Roweis, Hinton, Salakhutdinov 2004 (Neighbourhood components analysis, NIPS).

    >>> from sklearn.semi_supervised import LabelSpreading
    >>> from cs826tl.methods.adaptation.semi_supervised import SemiSupervised
    >>> rows = np.random.default_rng(0).normal(size=(60, 2)) * [0.1, 9.0]
    >>> labels = np.repeat([0, 1], 30)
    >>> rows[:, 0] += labels
    >>> nearest = SemiSupervised(LabelSpreading(kernel="knn", n_neighbors=5))
    >>> nearest.fit(rows, labels).score(rows, labels) < 0.8
    True
    >>> LearnedMetric(nearest, n_components=1).fit(rows, labels).score(rows, labels)
    1.0
    """

    _sparse = False

    def __init__(
        self,
        estimator: Any,
        *,
        n_components: int | None = None,
        rows: int = 600,
        max_iter: int = 20,
        random_state: int = 0,
    ) -> None:
        self.estimator = estimator
        self.n_components = n_components
        self.rows = rows
        self.max_iter = max_iter
        self.random_state = random_state

    def _learn(self, source: Any, labels: Labels, target: Any | None) -> None:
        chosen = np.arange(len(labels))
        if len(labels) > self.rows:
            chosen = np.random.default_rng(self.random_state).permutation(chosen)[: self.rows]
        self.metric_ = NeighborhoodComponentsAnalysis(
            self.n_components,
            init="pca",  # may draw: on some hundred rows PCA is solved at random
            max_iter=self.max_iter,
            random_state=self.random_state,
        ).fit(source[chosen], labels[chosen])
        self.n_iter_ = self.metric_.n_iter_
        mapped = None if target is None else self.metric_.transform(target)
        self.estimator_ = clone(self.estimator).fit(self.metric_.transform(source), labels, mapped)

    def _decide(self, rows: Any) -> Labels:
        found: Labels = self.estimator_.predict(self.metric_.transform(rows))
        return found
