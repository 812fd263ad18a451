"""A generative model that learns from unlabelled rows too: naive Bayes by EM."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from sklearn.base import clone
from sklearn.naive_bayes import BernoulliNB, MultinomialNB

from cs826tl.methods.adaptation.base import Labels, Transductive, stacked

ENOUGH = 1e-6  # of the log-likelihood: EM ends once a round adds less than this share


class NaiveBayesEM(Transductive):
    """Fit naive Bayes to both domains by expectation and maximisation [C06].

    It starts from the source alone. Then, in turn, it gives every target row a probability for
    each class, and fits again to the source's labels and those probabilities. `estimator` is
    `MultinomialNB` for counts or `BernoulliNB` for yes and no; `weight` is what a target row
    counts, 0 to 1, beside a source row. `log_likelihood_` holds, for each round, the logarithm of
    the likelihood times the prior that smoothing stands for. It never falls. There are at most
    `max_iter` rounds.

    The pitfall: a rising likelihood does not mean a rising accuracy. EM looks for clusters, and
    takes whatever it finds for the classes.

    Raises `ValueError` for another estimator or weight.

    Nigam, McCallum, Thrun, Mitchell 2000 (doi:10.1023/A:1007692713085).

    >>> model = NaiveBayesEM(MultinomialNB()).fit([[3, 0], [0, 3]], ["a", "b"], [[4, 1], [0, 2]])
    >>> str(model.predict([[5, 1]])[0]), bool((np.diff(model.log_likelihood_) >= 0).all())
    ('a', True)
    """

    def __init__(self, estimator: Any, *, weight: float = 1.0, max_iter: int = 50) -> None:
        self.estimator = estimator
        self.weight = weight
        self.max_iter = max_iter

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        its_own = self.estimator.__sklearn_tags__()
        tags.input_tags.positive_only = its_own.input_tags.positive_only
        tags.classifier_tags.poor_score = its_own.classifier_tags.poor_score
        return tags

    def _learn(self, source: Any, labels: Labels, target: Any | None) -> None:
        if not isinstance(self.estimator, MultinomialNB | BernoulliNB):
            raise ValueError(f"{self.estimator!r}: give MultinomialNB() or BernoulliNB()")
        if not 0 <= self.weight <= 1:
            raise ValueError(f"weight={self.weight}: a target row counts from 0 to 1")
        self.estimator_ = clone(self.estimator).fit(source, labels)
        self.log_likelihood_: list[float] = []
        if target is not None and self.weight > 0:
            self._climb(source, labels, target)
        self.n_iter_ = max(1, len(self.log_likelihood_))

    def _climb(self, source: Any, labels: Labels, target: Any) -> None:
        for _ in range(self.max_iter):
            joint = self.estimator_.predict_joint_log_proba(target)
            self.log_likelihood_.append(self._objective(source, labels, joint))
            if _settled(self.log_likelihood_):
                break
            self._maximise(source, labels, target, np.exp(joint - _evidence(joint)[:, None]))

    def _maximise(
        self, source: Any, labels: Labels, target: Any, probabilities: NDArray[np.float64]
    ) -> None:
        """Fit to the source, and to every target row once as each class, by its probability."""
        classes = probabilities.shape[1]
        rows, guesses, weights = source, labels, np.ones(len(labels))
        for k in range(classes):
            rows = stacked(rows, target)
            guesses = np.append(guesses, np.full(len(probabilities), k))
            weights = np.append(weights, self.weight * probabilities[:, k])
        self.estimator_ = clone(self.estimator).fit(rows, guesses, sample_weight=weights)

    def _objective(self, source: Any, labels: Labels, joint: NDArray[np.float64]) -> float:
        known = self.estimator_.predict_joint_log_proba(source)[np.arange(len(labels)), labels]
        return float(
            known.sum() + self.weight * _evidence(joint).sum() + _log_prior(self.estimator_)
        )

    def _decide(self, rows: Any) -> Labels:
        found: Labels = self.estimator_.predict(rows)
        return found


def _evidence(joint: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log-probability of each row, whatever its class."""
    evidence: NDArray[np.float64] = logsumexp(joint, axis=1)
    return evidence


def _log_prior(model: MultinomialNB | BernoulliNB) -> float:
    """Return the logarithm of the prior by which adding `alpha` to each count is the best guess."""
    chances = model.feature_log_prob_
    if isinstance(model, BernoulliNB):
        chances = chances + np.log1p(-np.exp(chances))
    return float(model.alpha * chances.sum())


def _settled(values: list[float]) -> bool:
    return len(values) > 1 and values[-1] - values[-2] <= ENOUGH * abs(values[-1])
