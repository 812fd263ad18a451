"""The domain classifier's AUC: against formulas, scikit-learn, and many draws without a shift."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import mannwhitneyu, norm
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

from cs826tl.methods.shift import _auc_and_variance, shift_auc


def normal(rows: int, mean: float = 0, spread: float = 1, features: int = 1, seed: int = 0):
    return np.random.default_rng(seed).normal(mean, spread, (rows, features))


def test_auc_of_two_normal_distributions_is_the_formulas() -> None:
    truth = norm.cdf(1.5 / np.sqrt(2))
    auc, low, high = shift_auc(normal(2000), normal(2000, 1.5, seed=1))
    assert auc == pytest.approx(truth, abs=0.02)
    assert low < truth < high


def test_auc_is_scikit_learns_over_the_same_folds() -> None:
    source, target = normal(60, features=4), normal(90, 0.4, features=4, seed=1)
    classifier = make_pipeline(MaxAbsScaler(), LogisticRegression(max_iter=1000))
    folds = StratifiedKFold(3, shuffle=True, random_state=7)
    rows, domain = np.concatenate([source, target]), np.repeat([0, 1], [60, 90])
    expected = cross_val_score(classifier, rows, domain, scoring="roc_auc", cv=folds).mean()
    assert shift_auc(source, target, folds=3, seed=7).auc == pytest.approx(expected)


def test_one_folds_auc_and_variance_are_those_of_all_pairs() -> None:
    generator = np.random.default_rng(0)
    scores, domain = generator.integers(0, 9, 70) / 8, np.repeat([0, 1], [40, 30])  # with ties
    pairs = np.subtract.outer(scores[domain == 1], scores[domain == 0])
    wins = (pairs > 0) + 0.5 * (pairs == 0)
    auc, variance = _auc_and_variance(scores, domain)
    assert auc == pytest.approx(wins.mean())
    assert auc == pytest.approx(roc_auc_score(domain, scores))
    delong = wins.mean(1).var(ddof=1) / 30 + wins.mean(0).var(ddof=1) / 40
    assert variance == pytest.approx(delong)


def test_without_a_shift_the_variance_is_that_of_mann_and_whitney() -> None:
    scores, domain = np.random.default_rng(0).random(4000), np.repeat([0, 1], [1000, 3000])
    auc, variance = _auc_and_variance(scores, domain)
    assert variance == pytest.approx(4001 / (12 * 1000 * 3000), rel=0.05)
    above = mannwhitneyu(scores[domain == 1], scores[domain == 0]).statistic
    assert auc == pytest.approx(above / (1000 * 3000))


@pytest.mark.parametrize("features", [1, 20])
def test_without_a_shift_an_interval_misses_a_half_in_one_of_twenty(features: int) -> None:
    rows = np.random.default_rng(0).normal(size=(150, 2, 80, features))
    drawn = [shift_auc(source, target) for source, target in rows]
    assert np.mean([shift.auc for shift in drawn]) == pytest.approx(0.5, abs=0.015)
    missed = np.mean([not shift.low <= 0.5 <= shift.high for shift in drawn])
    assert missed <= 0.1  # one standard error is 0.018; the plain interval misses one of six
    assert np.mean([shift.visible for shift in drawn]) <= 0.07


def test_a_difference_in_spread_takes_a_classifier_that_is_not_linear() -> None:
    source, target = normal(300), normal(300, spread=4, seed=1)
    assert not shift_auc(source, target).visible
    forest = RandomForestClassifier(50, min_samples_leaf=10, random_state=0)
    assert shift_auc(source, target, classifier=forest).low > 0.6


def test_sparse_and_dense_rows_give_the_same() -> None:
    source, target = normal(50, features=6).clip(0), normal(40, 0.5, features=6, seed=1).clip(0)
    dense = shift_auc(source, target)
    assert shift_auc(csr_matrix(source), csr_matrix(target)) == pytest.approx(dense)
    assert shift_auc(csr_matrix(source), target) == pytest.approx(dense)


def test_what_can_be_told_apart_perfectly_has_an_auc_of_one() -> None:
    assert shift_auc(normal(30), normal(30, 50)) == (1, 1, 1)


def test_a_seed_draws_the_folds() -> None:
    source, target = normal(40, features=3), normal(40, 0.3, features=3, seed=1)
    assert shift_auc(source, target) == shift_auc(source, target)
    assert shift_auc(source, target) != shift_auc(source, target, seed=1)


@pytest.mark.parametrize(
    ("source", "target", "folds", "message"),
    [
        (normal(20, features=2), normal(20, features=3), 5, r"source has shape \(20, 2\), target"),
        (normal(20).reshape(20), normal(20), 5, "give features"),
        (normal(9), normal(20), 5, "9 source and 20 target rows for folds=5"),
        (normal(20), normal(20), 1, "two folds or more"),
    ],
)
def test_what_does_not_fit_is_refused(source, target, folds: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        shift_auc(source, target, folds=folds)
