"""From a score to an alarm: what a threshold catches, what it costs, how to choose it [C17].

Labels are 1 for what an alarm is for (spam, a break-in) and 0 for the rest, shape `(N,)`. Scores
have the same shape; at or above the threshold, an alarm is raised. Choose the threshold on
validation rows, and count its alarms on test rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["cheapest_threshold", "count_alarms", "threshold_at_recall"]


class Alarms(NamedTuple):
    """How many of the rows were caught, missed, raised a false alarm, and were let pass."""

    hits: int
    misses: int
    false_alarms: int
    passes: int

    @property
    def recall(self) -> float:
        """The share that was caught of all that should be; 0 if there is nothing to catch."""
        return self.hits / max(1, self.hits + self.misses)

    @property
    def precision(self) -> float:
        """The share of the alarms that were right; 0 without an alarm."""
        return self.hits / max(1, self.hits + self.false_alarms)

    @property
    def false_alarm_rate(self) -> float:
        """The share of the harmless rows that raised an alarm, also: false-positive rate."""
        return self.false_alarms / max(1, self.false_alarms + self.passes)

    def cost(self, *, miss: float, false_alarm: float) -> float:
        """Return what the mistakes cost together, at these prices."""
        return miss * self.misses + false_alarm * self.false_alarms


class Costs(NamedTuple):
    """Every threshold that makes a difference, from infinity down, and what it costs."""

    thresholds: NDArray[np.float64]
    costs: NDArray[np.float64]


def count_alarms(labels: ArrayLike, scores: ArrayLike, threshold: float) -> Alarms:
    """Return what happens if every row with a score of `threshold` or above raises an alarm.

    Raises `ValueError` if labels are not 0 and 1, or are not as many as the scores.

    >>> counted = count_alarms([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9], 0.5)
    >>> counted
    Alarms(hits=1, misses=1, false_alarms=1, passes=1)
    >>> counted.recall, counted.cost(miss=100, false_alarm=1)
    (0.5, 101)
    """
    wanted, values = _checked(labels, scores)
    raised = values >= threshold
    counts = (wanted & raised, wanted & ~raised, ~wanted & raised, ~wanted & ~raised)
    return Alarms(*(int(rows.sum()) for rows in counts))


def threshold_costs(
    labels: ArrayLike, scores: ArrayLike, *, miss: float, false_alarm: float
) -> Costs:
    """Return what every threshold costs, from no alarm at all to an alarm for everything.

    Raises as `count_alarms` does, and if all labels are the same.

    >>> threshold_costs([0, 1, 1], [0.1, 0.4, 0.9], miss=10, false_alarm=1).costs
    array([20., 10.,  0.,  1.])
    """
    from sklearn.metrics import roc_curve

    wanted, values = _both_kinds(labels, scores)
    false, true, thresholds = roc_curve(wanted, values, drop_intermediate=False)
    harmful = int(wanted.sum())
    return Costs(
        thresholds, miss * (1 - true) * harmful + false_alarm * false * (len(wanted) - harmful)
    )


def cheapest_threshold(
    labels: ArrayLike, scores: ArrayLike, *, miss: float, false_alarm: float
) -> float:
    """Return the threshold whose mistakes cost the least; infinity if silence is cheapest.

    The pitfall: it is the cheapest on these rows. In another domain, with other shares or other
    costs, the cheapest threshold is another. Raises as `threshold_costs` does.

    >>> labels, scores = [0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9]
    >>> cheapest_threshold(labels, scores, miss=100, false_alarm=1)
    0.4
    >>> cheapest_threshold(labels, scores, miss=1, false_alarm=100)
    0.9
    """
    thresholds, costs = threshold_costs(labels, scores, miss=miss, false_alarm=false_alarm)
    return float(thresholds[np.argmin(costs)])


def threshold_at_recall(labels: ArrayLike, scores: ArrayLike, recall: float) -> float:
    """Return the highest threshold that catches at least this share of what should be caught.

    `labels` and `scores` are as in `count_alarms`, `recall` is the share, 0 to 1. Raises as
    `threshold_costs` does, and `ValueError` for a recall outside 0 to 1.

    >>> threshold_at_recall([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9], 0.5)
    0.9
    """
    if not 0 <= recall <= 1:
        raise ValueError(f"recall={recall}: give a share from 0 to 1")
    wanted, values = _both_kinds(labels, scores)
    highest = np.append(np.inf, np.sort(values[wanted])[::-1])
    return float(highest[np.ceil(recall * wanted.sum() - 1e-9).astype(int)])  # 0.95 * 20 is 19.0…1


def _both_kinds(
    labels: ArrayLike, scores: ArrayLike
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    wanted, values = _checked(labels, scores)
    if wanted.all() or not wanted.any():
        raise ValueError(f"all labels are {int(wanted[0])}: a threshold needs rows of both kinds")
    return wanted, values


def _checked(labels: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return which rows should raise an alarm, and the scores."""
    given, values = np.asarray(labels), np.asarray(scores, dtype=np.float64)
    if given.ndim != 1 or given.shape != values.shape or not len(given):
        raise ValueError(
            f"labels have shape {given.shape}, scores {values.shape}: give one of each per row"
        )
    if not np.isin(given, (0, 1)).all():
        raise ValueError(f"labels are {np.unique(given)[:5]}: give 1 for an alarm, 0 for none")
    return given.astype(bool), values
