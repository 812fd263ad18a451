"""What all methods share: one signature, and inputs checked the way scikit-learn checks them."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

UNLABELLED = -1  # scikit-learn's mark for a row whose label nobody knows
Labels = NDArray[np.int64]


class Transductive(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier that learns from a labelled source and an unlabelled target [C05].

    A subclass says in `_learn` what it does with both, and in `_decide` which class it takes a
    row for. Classes are whole numbers to it, and a target's label is never among its arguments.
    """

    _sparse = True  # whether it takes sparse rows

    def fit(
        self, X_source: ArrayLike, y_source: ArrayLike, X_target: ArrayLike | None = None
    ) -> Self:
        """Learn from the source's rows and labels and from the target's rows.

        Without `X_target` it is the same method on the source alone: its lower bound. Rows have
        the shape `(N, features)`, as many features in both.

        Raises `ValueError` if shapes do not fit, and for rows that are not finite.
        """
        source, y = validate_data(self, X_source, y_source, **self._checks)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if X_target is None:
            self._learn(source, labels, None)
        else:
            self._learn(source, labels, validate_data(self, X_target, reset=False, **self._checks))
        return self

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the class of each row."""
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, **self._checks)
        found: NDArray[Any] = self.classes_[self._decide(rows)]
        return found

    @property
    def _checks(self) -> dict[str, Any]:
        return {
            "accept_sparse": "csr" if self._sparse else False,
            "dtype": [np.float64, np.float32],
        }

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self._sparse
        return tags

    def _learn(self, source: Any, labels: Labels, target: Any | None) -> None:
        raise NotImplementedError

    def _decide(self, rows: Any) -> Labels:
        raise NotImplementedError


def stacked(source: Any, target: Any) -> Any:
    """Return the rows of both, the source's first, dense or sparse as they are."""
    from scipy.sparse import issparse, vstack

    return vstack([source, target], "csr") if issparse(source) else np.concatenate([source, target])
