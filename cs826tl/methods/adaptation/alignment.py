"""Bring the domains together before a classifier learns: correlation alignment."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from cs826tl.methods.adaptation.base import Labels, Transductive

Floats = NDArray[np.float64]


def coral(source: ArrayLike, target: ArrayLike, *, ridge: float = 0.0) -> Floats:
    """Return the source's rows with the mean and the covariance of the target's [C18].

    Rows have the shape `(N, features)`. They are whitened with the source's covariance and
    coloured with the target's. `ridge` is added to both variances: without it, a direction in
    which the source hardly varies is blown up. The pitfall: what sets the domains apart is taken
    away, even if it is the answer.

    Sun, Feng and Saenko 2016 (arXiv:1511.05547), with `ridge=1` on features of variance one.

    >>> rows = np.random.default_rng(0).normal(size=(2, 50, 3)) * [[[1.0]], [[4.0]]]
    >>> np.allclose(np.cov(coral(*rows).T), np.cov(rows[1].T))
    True
    """
    source, target = np.asarray(source, dtype=float), np.asarray(target, dtype=float)
    whiten = _power(_covariance(source, ridge), -0.5)
    colour = _power(_covariance(target, ridge), 0.5)
    moved: Floats = (source - source.mean(0)) @ whiten @ colour + target.mean(0)
    return moved


def _covariance(rows: Floats, ridge: float) -> Floats:
    size = rows.shape[1]
    spread = np.cov(rows.T).reshape(size, size) if len(rows) > 1 else np.zeros((size, size))
    return np.asarray(spread + ridge * np.eye(size))


def _power(matrix: Floats, exponent: float) -> Floats:
    """Return a power of a symmetric matrix; directions without any spread stay without."""
    values, vectors = np.linalg.eigh(matrix)
    there = values > values.max(initial=0) * len(values) * np.finfo(float).eps
    raised = np.where(there, np.where(there, values, 1.0) ** exponent, 0.0)
    return np.asarray((vectors * raised) @ vectors.T)


class Coral(Transductive):
    """Align the source's correlations with the target's, then fit a classifier to it [C06].

    `estimator` is a classifier of scikit-learn's, fitted to the aligned source; the target's rows
    stay as they are. Without a target it is that classifier. See `coral` for `ridge`.

    >>> from sklearn.linear_model import LogisticRegression
    >>> source, labels, target = [[0.0], [1.0]], [0, 1], [[10.0], [20.0]]
    >>> LogisticRegression().fit(source, labels).predict(target)
    array([1, 1])
    >>> Coral(LogisticRegression(), ridge=0.1).fit(source, labels, target).predict(target)
    array([0, 1])
    """

    _sparse = False

    def __init__(self, estimator: Any, *, ridge: float = 1.0) -> None:
        self.estimator = estimator
        self.ridge = ridge

    def _learn(self, source: Any, labels: Labels, target: Any | None) -> None:
        rows = source if target is None else coral(source, target, ridge=self.ridge)
        self.estimator_ = clone(self.estimator).fit(rows, labels)

    def _decide(self, rows: Any) -> Labels:
        found: Labels = self.estimator_.predict(rows)
        return found
