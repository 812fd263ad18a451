"""The transductive support vector machine: a boundary that avoids the target's rows too."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from cs826tl.methods.adaptation.base import Labels, Transductive, stacked

ANNEALING = (0.01, 0.1, 1.0)  # shares of the weight: the target gets its say little by little
ROUNDS = 10  # at most: labels settle in a few

Flags = NDArray[np.bool_]


class TransductiveSVM(Transductive):
    """A linear SVM that gives the target's rows labels of its own, and a wide margin [C06].

    It labels the target, fits the SVM to both domains, labels the target again, until nothing
    changes. It repeats this with a target that counts more and more, up to `weight` per row. With
    `weight=0` it is scikit-learn's `LinearSVC`; `C` is its `C`. More than two classes: one against
    the rest.

    The pitfall: as many target rows become positive as are positive in the source. If the
    target's classes have other shares, that many are forced over the boundary.

    Raises `ValueError` for a negative weight.

    Joachims 1999 (ICML, label switching); Sindhwani and Keerthi 2006 (doi:10.1145/1148170.1148253,
    many switches at once).

    >>> rows, heap = [[-3.0], [1.0]], [[-0.5], [-0.6], [2.0], [3.0]]
    >>> TransductiveSVM(weight=0).fit(rows, [0, 1], heap).predict([[-0.5]])
    array([1])
    >>> TransductiveSVM(weight=10).fit(rows, [0, 1], heap).predict([[-0.5]])
    array([0])
    """

    def __init__(self, C: float = 1.0, *, weight: float = 1.0) -> None:
        self.C = C
        self.weight = weight

    def _learn(self, source: Any, labels: Labels, target: Any | None) -> None:
        if self.weight < 0:
            raise ValueError(f"weight={self.weight}: what a target row counts is 0 or more")
        classes = [1] if len(self.classes_) <= 2 else range(len(self.classes_))
        self.machines_ = [self._machine(source, labels == k, target) for k in classes]

    def _machine(self, source: Any, positive: Flags, target: Any | None) -> LinearSVC:
        """Return the SVM of one class against the rest."""
        svm = self._svm().fit(source, positive)
        if target is None or self.weight == 0:
            return svm
        number = round(float(positive.mean()) * target.shape[0])
        guess = _highest(svm.decision_function(target), number)
        for share in ANNEALING:
            for _ in range(ROUNDS):
                before = guess
                svm = self._fit_both(source, positive, target, guess, self.weight * share)
                guess = _highest(svm.decision_function(target), number)
                if (guess == before).all():
                    break
        return svm

    def _fit_both(
        self, source: Any, positive: Flags, target: Any, guess: Flags, weight: float
    ) -> LinearSVC:
        weights = np.repeat([1.0, weight], [len(positive), len(guess)])
        both = stacked(source, target)
        return self._svm().fit(both, np.append(positive, guess), sample_weight=weights)

    def _svm(self) -> LinearSVC:
        return LinearSVC(C=self.C, random_state=0, max_iter=5000)

    def _decide(self, rows: Any) -> Labels:
        scores = np.stack([svm.decision_function(rows) for svm in self.machines_], axis=1)
        return scores.argmax(1) if scores.shape[1] > 1 else (scores[:, 0] > 0).astype(np.int64)


def _highest(scores: NDArray[np.float64], number: int) -> Flags:
    """Return which rows have the `number` highest scores: the best labels, given the boundary."""
    chosen = np.zeros(len(scores), dtype=bool)
    chosen[np.argsort(-scores, kind="stable")[:number]] = True
    return chosen
