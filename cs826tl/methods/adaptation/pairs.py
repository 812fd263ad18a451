"""A source with labels, a target without: what a method is given, and what is kept from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from cs826tl.devices import one_blas_thread
from cs826tl.methods.adaptation.base import Transductive, stacked


@dataclass(frozen=True, eq=False)
class Sealed:
    """What no method is given: the target's labels, and all of its test rows."""

    train_labels: Any
    test_inputs: Any
    test_labels: Any


@dataclass(frozen=True, eq=False)
class BlindPair:
    """A labelled source and an unlabelled target [C05]; the target's labels are sealed.

    Give a method `X_source`, `y_source` and `X_target`: nothing else is there to be given. `score`
    opens the seal once the method has learnt.
    """

    name: str
    classes: tuple[str, ...]
    X_source: Any
    y_source: NDArray[np.int64]
    X_target: Any
    sealed: Sealed

    def __repr__(self) -> str:
        source, target, test = (
            _number(rows) for rows in (self.X_source, self.X_target, self.sealed.test_inputs)
        )
        return (
            f"BlindPair {self.name!r}: {source:,} source rows with labels, {target:,} target rows "
            f"without; {test:,} sealed for the test"
        )

    @one_blas_thread()
    def adapted(self, method: Transductive) -> Transductive:
        """Return a copy of the method that has learnt from all that may be known."""
        fitted: Transductive = clone(method).fit(self.X_source, self.y_source, self.X_target)
        return fitted

    @one_blas_thread()
    def source_only(self, method: Transductive) -> Transductive:
        """Return a copy of the method that has seen no target row: the lower bound."""
        fitted: Transductive = clone(method).fit(self.X_source, self.y_source)
        return fitted

    @one_blas_thread()
    def target_trained(self, method: Transductive) -> Transductive:
        """Return a copy of the method trained on the target with its labels: the upper bound."""
        fitted: Transductive = clone(method).fit(self.X_target, self.sealed.train_labels)
        return fitted

    def score(self, model: Transductive) -> float:
        """Return the accuracy, 0 to 1, on the target's test rows."""
        right = model.predict(self.sealed.test_inputs) == self.sealed.test_labels
        return float(np.mean(right))

    @one_blas_thread()
    def through(self, transformer: Any) -> BlindPair:
        """Return the pair in a transformer's features, fitted on both training inputs alone.

        `transformer` is one of scikit-learn's, such as `TfidfVectorizer()`, which takes what the
        inputs are: texts or rows.

        >>> from sklearn.preprocessing import StandardScaler
        >>> from cs826tl.methods.adaptation import blind_pair
        >>> blind_pair("digits", shots=5).through(StandardScaler()).X_source.shape
        (50, 64)
        """
        known = clone(transformer).fit(_joined(self.X_source, self.X_target))
        source, target, test = map(
            known.transform, (self.X_source, self.X_target, self.sealed.test_inputs)
        )
        sealed = replace(self.sealed, test_inputs=test)
        return replace(self, X_source=source, X_target=target, sealed=sealed)

    def at_home(self, shots: int, seed: int = 0) -> BlindPair:
        """Return the pair within one domain: `shots` labelled target rows per class, and the rest.

        This is the setting that most of the methods were made for: few labels and many unlabelled
        rows of the same kind. `seed` draws the labelled rows; the others stay without labels.
        Only someone who holds the target's labels can do this.

        Raises `ValueError` for fewer than one row per class, or as many as a class has.

        >>> from cs826tl.methods.adaptation import blind_pair
        >>> blind_pair("digits").at_home(2)
        BlindPair 'digits': 20 source rows with labels, 1,137 target rows without; 640 sealed ...
        """
        labels = np.asarray(self.sealed.train_labels)
        least = int(np.bincount(labels, minlength=len(self.classes)).min())
        if not 1 <= shots < least:
            raise ValueError(f"shots={shots}: must be 1 to {least - 1} rows per class")
        order = np.random.default_rng(seed).permutation(len(labels))
        drawn = [order[labels[order] == k][:shots] for k in range(len(self.classes))]
        told = np.concatenate(drawn)
        home = replace(self, X_source=_rows(self.X_target, told), y_source=labels[told])
        return home._with(np.setdiff1d(order, told))

    def with_target(self, number: int, seed: int = 0) -> BlindPair:
        """Return the pair with only `number` target rows to learn from; the test stays.

        Raises `ValueError` for none, or more than there are.
        """
        there = _number(self.X_target)
        if not 1 <= number <= there:
            raise ValueError(f"number={number}: there are 1 to {there} target rows")
        return self._with(np.random.default_rng(seed).permutation(there)[:number])

    def with_shares(self, shares: Sequence[float], seed: int = 0) -> BlindPair:
        """Return the pair with a target, training and test, whose classes have these shares.

        This makes a shift of the classes alone, to see which methods suffer from it. No method can
        do this: it takes the target's labels.

        Raises `ValueError` for a number of shares that is not that of the classes.
        """
        if len(shares) != len(self.classes):
            raise ValueError(f"{len(shares)} shares for {len(self.classes)} classes")
        train = _balanced(self.sealed.train_labels, shares, seed)
        test = _balanced(self.sealed.test_labels, shares, seed)
        sealed = Sealed(
            self.sealed.train_labels,
            _rows(self.sealed.test_inputs, test),
            self.sealed.test_labels[test],
        )
        return replace(self, sealed=sealed)._with(train)

    def _with(self, kept: NDArray[np.int64]) -> BlindPair:
        sealed = replace(self.sealed, train_labels=self.sealed.train_labels[kept])
        return replace(self, X_target=_rows(self.X_target, kept), sealed=sealed)


def _balanced(labels: ArrayLike, shares: Sequence[float], seed: int) -> NDArray[np.int64]:
    """Return as many rows as there can be in which the classes have these shares, shuffled."""
    found = np.asarray(labels)
    order = np.random.default_rng(seed).permutation(len(found))
    total = min(np.sum(found == k) / share for k, share in enumerate(shares) if share > 0)
    drawn = [
        order[found[order] == k][: int(total * share + 1e-9)] for k, share in enumerate(shares)
    ]
    return np.sort(np.concatenate(drawn))


def _number(rows: Any) -> int:
    return int(rows.shape[0]) if hasattr(rows, "shape") else len(rows)


def _rows(rows: Any, kept: NDArray[np.int64]) -> Any:
    return rows[kept] if hasattr(rows, "shape") else tuple(rows[k] for k in kept)


def _joined(source: Any, target: Any) -> Any:
    return stacked(source, target) if hasattr(source, "shape") else (*source, *target)
