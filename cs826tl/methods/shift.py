"""Domain shift, seen before any target label is: can a classifier tell the domains apart? [C18]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cs826tl.devices import one_blas_thread

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import spmatrix

__all__ = ["shift_auc"]

SIGMAS = 1.96  # standard errors to either side: 95 % of a normal distribution


class ShiftAUC(NamedTuple):
    """The domain classifier's AUC and its 95 % interval: 0.5 is chance, 1 tells all apart."""

    auc: float
    low: float
    high: float

    @property
    def visible(self) -> bool:
        """Whether the interval lies above chance: the domains differ."""
        return self.low > 0.5


@one_blas_thread()
def shift_auc(
    source: ArrayLike | spmatrix,
    target: ArrayLike | spmatrix,
    *,
    classifier: Any = None,
    folds: int = 5,
    seed: int = 0,
) -> ShiftAUC:
    """Return how well a classifier tells source from target rows, cross-validated [C18].

    No label of either task is used. `source` and `target` hold features, shape `(N, features)`,
    dense or sparse. The classifier is logistic regression, unless you bring another one of
    scikit-learn's with `predict_proba`. The AUC is the mean over the folds, drawn by `seed`; its
    interval is DeLong's for each fold, put together as LeDell et al. do (doi:10.1214/15-EJS1035),
    but with twice the variance: it must be that wide to contain 0.5 in 95 of 100 cases without a
    difference.

    The pitfalls: the AUC shows that the domains differ, not that the difference does harm. A linear
    classifier does not see a difference in spread alone. Rows that were aligned with each other
    give an AUC below 0.5. And the interval treats rows as independent, which sentences of one
    text are not.

    Raises `ValueError` if the shapes do not fit, or for fewer than `2 * folds` rows.

    >>> generator = np.random.default_rng(0)
    >>> same, other = generator.normal(0, 1, (2, 200, 3))
    >>> shift_auc(same, other).visible, shift_auc(same, other + 1).visible
    (False, True)
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MaxAbsScaler

    features, domain = _joined(source, target, folds)
    if classifier is None:
        classifier = make_pipeline(MaxAbsScaler(), LogisticRegression(max_iter=1000))
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    splits = list(splitter.split(domain, domain))
    scores = cross_val_predict(classifier, features, domain, cv=splits, method="predict_proba")
    # compared within a fold only: the scores of two folds come from two classifiers
    measured = [_auc_and_variance(scores[rows, 1], domain[rows]) for _, rows in splits]
    auc, variance = np.mean(measured, axis=0)
    # without a shift, what one fold teaches about another and the other about the one is the same
    # chance difference: every pair of folds counts twice, and so does the variance
    error = np.sqrt(2 * variance / folds)
    low, high = np.clip([auc - SIGMAS * error, auc + SIGMAS * error], 0, 1)
    return ShiftAUC(float(auc), float(low), float(high))


def _joined(source: Any, target: Any, folds: int) -> tuple[Any, NDArray[np.int64]]:
    """Return all rows, source first, and the domain of each, 0 or 1."""
    from scipy.sparse import issparse, vstack

    source, target = (d if issparse(d) else np.asarray(d) for d in (source, target))
    if source.ndim != 2 or target.ndim != 2 or source.shape[1] != target.shape[1]:
        raise ValueError(
            f"source has shape {source.shape}, target {target.shape}: give features "
            f"(N, features), as many in both; flatten pictures, count words with one vectoriser"
        )
    if folds < 2 or min(source.shape[0], target.shape[0]) < 2 * folds:
        raise ValueError(
            f"{source.shape[0]} source and {target.shape[0]} target rows for folds={folds}: it "
            f"takes two folds or more, and two rows of each domain in every fold"
        )
    domain = np.repeat([0, 1], [source.shape[0], target.shape[0]])
    if issparse(source) or issparse(target):
        return vstack([source, target], format="csr"), domain
    return np.concatenate([source, target]), domain


def _auc_and_variance(
    scores: NDArray[np.float64], domain: NDArray[np.int64]
) -> tuple[float, float]:
    """Return the share of pairs in which the target row scores higher, and DeLong's variance."""
    source, target = scores[domain == 0], scores[domain == 1]
    below = _share_below(target, source)
    above = 1 - _share_below(source, target)
    variance = below.var(ddof=1) / len(below) + above.var(ddof=1) / len(above)
    return float(below.mean()), float(variance)


def _share_below(scores: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each score the share of the others below it; ties count half."""
    ordered = np.sort(others)
    places = np.searchsorted(ordered, scores, "left") + np.searchsorted(ordered, scores, "right")
    shares: NDArray[np.float64] = places / (2 * len(others))
    return shares
