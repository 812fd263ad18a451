"""Thresholds and what they cost: against scikit-learn, and against trying every threshold."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import confusion_matrix, precision_score, recall_score

from cs826tl.methods.alarms import (
    Alarms,
    cheapest_threshold,
    count_alarms,
    threshold_at_recall,
    threshold_costs,
)

LABELS = arrays(np.int64, 30, elements=st.integers(0, 1))
SCORES = arrays(np.float64, 30, elements=st.integers(-5, 5).map(float))  # with many ties
COST = st.floats(0.5, 100)
quick = settings(max_examples=50, deadline=None)  # a time says nothing on a machine that works


@quick
@given(LABELS, SCORES, st.integers(-6, 6))
def test_counts_are_those_of_scikit_learn(labels, scores, threshold) -> None:
    alarms = count_alarms(labels, scores, threshold)
    raised = scores >= threshold
    passes, false, misses, hits = confusion_matrix(labels, raised, labels=[0, 1]).ravel()
    assert alarms == Alarms(hits, misses, false, passes)
    assert alarms.recall == pytest.approx(recall_score(labels, raised, zero_division=0))
    assert alarms.precision == pytest.approx(precision_score(labels, raised, zero_division=0))
    harmless = recall_score(labels, raised.astype(int), pos_label=0, zero_division=1)
    assert alarms.false_alarm_rate == pytest.approx(1 - harmless)
    assert alarms.cost(miss=7, false_alarm=2) == 7 * misses + 2 * false


def both_kinds(labels: np.ndarray) -> np.ndarray:
    return np.concatenate([labels[:-2], [0, 1]])


@quick
@given(LABELS.map(both_kinds), SCORES, COST, COST)
def test_no_threshold_is_cheaper_than_the_cheapest(labels, scores, miss, false_alarm) -> None:
    prices = {"miss": miss, "false_alarm": false_alarm}
    every = [*scores, np.inf, *(scores + 0.5)]
    costs = [count_alarms(labels, scores, t).cost(**prices) for t in every]
    best = cheapest_threshold(labels, scores, **prices)
    assert count_alarms(labels, scores, best).cost(**prices) == pytest.approx(min(costs))


@quick
@given(LABELS.map(both_kinds), SCORES, COST, COST)
def test_the_cost_of_each_threshold_is_what_its_alarms_cost(labels, scores, miss, false) -> None:
    curve = threshold_costs(labels, scores, miss=miss, false_alarm=false)
    assert set(curve.thresholds) == {np.inf, *scores}
    for threshold, cost in zip(*curve, strict=True):
        alarms = count_alarms(labels, scores, threshold)
        assert cost == pytest.approx(alarms.cost(miss=miss, false_alarm=false))


@quick
@given(LABELS.map(both_kinds), SCORES, st.integers(0, 20).map(lambda k: k / 20))
def test_the_threshold_for_a_recall_is_the_highest_that_reaches_it(labels, scores, recall) -> None:
    threshold = threshold_at_recall(labels, scores, recall)
    assert count_alarms(labels, scores, threshold).recall >= recall - 1e-9
    if np.isfinite(threshold):
        above = np.nextafter(threshold, np.inf)
        assert count_alarms(labels, scores, above).recall < recall - 1e-9


def test_silence_is_cheapest_where_a_false_alarm_is_dear() -> None:
    labels, scores = [1, 0, 0], [0.5, 0.9, 0.1]
    assert cheapest_threshold(labels, scores, miss=1, false_alarm=10) == np.inf
    assert cheapest_threshold(labels, scores, miss=10, false_alarm=1) == 0.5


def test_without_anything_to_catch_or_without_an_alarm_shares_are_zero() -> None:
    assert Alarms(0, 0, 0, 5).recall == Alarms(0, 3, 0, 5).precision == 0
    assert Alarms(3, 0, 0, 0).false_alarm_rate == 0


@pytest.mark.parametrize(
    ("labels", "scores", "said"),
    [
        ([0, 1], [0.5], r"labels have shape \(2,\), scores \(1,\)"),
        ([], [], r"labels have shape \(0,\)"),
        ([[0, 1]], [[0.5, 0.6]], "one of each per row"),
        ([0, 2], [0.5, 0.6], r"labels are \[0 2\]: give 1 for an alarm, 0 for none"),
    ],
)
def test_what_are_no_labels_and_scores_is_said(labels, scores, said) -> None:
    with pytest.raises(ValueError, match=said):
        count_alarms(labels, scores, 0.5)


@pytest.mark.parametrize("label", [0, 1])
def test_a_threshold_needs_rows_of_both_kinds(label: int) -> None:
    with pytest.raises(ValueError, match=f"all labels are {label}"):
        cheapest_threshold([label] * 3, [0.1, 0.2, 0.3], miss=1, false_alarm=1)


@pytest.mark.parametrize("recall", [-0.1, 1.1, float("nan")])
def test_a_recall_is_a_share(recall: float) -> None:
    with pytest.raises(ValueError, match="a share from 0 to 1"):
        threshold_at_recall([0, 1], [0.1, 0.2], recall)
