"""Scores before fine-tuning against their authors' code, formulas, and codes that mean nothing."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from cs826tl import encode, load_backbone, load_task
from cs826tl.methods.transferability import (
    SCORES,
    h_score,
    leep,
    log_me,
    log_me_as_published,
    neighbours_accuracy,
    probe_accuracy,
    score_network,
)
from cs826tl.training import pooled
from tests.methods.reference_scores import CLASSES, SIZES, STORED, drawn


@pytest.mark.parametrize("size", SIZES)
def test_leep_and_h_score_are_their_reference_code(size: str) -> None:
    codes, probabilities, labels = drawn(size)
    assert leep(probabilities, labels) == pytest.approx(STORED[size]["LEEP"], abs=1e-6)
    assert h_score(codes, labels) == pytest.approx(STORED[size]["H-score"], abs=1e-6)


@pytest.mark.parametrize("size", SIZES)
def test_log_me_as_published_is_its_authors_code(size: str) -> None:
    codes, _, labels = drawn(size)
    assert log_me_as_published(codes, labels) == pytest.approx(STORED[size]["LogME"], abs=1e-6)


def test_log_me_is_its_authors_code_where_pictures_outnumber_features() -> None:
    codes, _, labels = drawn("narrow")
    assert log_me(codes, labels) == log_me_as_published(codes, labels)


def evidence(precisions: np.ndarray, codes: np.ndarray, wanted: np.ndarray) -> float:
    """Return the log-density of the labels under the Bayesian linear model, per picture."""
    prior, noise = np.exp(precisions)
    spread = codes @ codes.T / prior + np.eye(len(codes)) / noise
    return float(multivariate_normal(cov=spread).logpdf(wanted)) / len(wanted)


@pytest.mark.parametrize("size", SIZES)
def test_log_me_is_the_largest_evidence(size: str) -> None:
    codes, _, labels = drawn(size)

    def largest(wanted: np.ndarray) -> float:
        """Search from a large prior and from a small one: there are two hills."""
        return max(
            -minimize(
                lambda at: -evidence(at, codes, wanted),
                start,
                method="Nelder-Mead",
                bounds=[(-10, 10)] * 2,
            ).fun
            for start in ((0.0, 3.0), (3.0, 7.0))
        )

    expected = np.mean([largest((labels == label).astype(float)) for label in range(CLASSES)])
    assert log_me(codes, labels) == pytest.approx(expected, abs=2e-3)


def test_the_authors_code_counts_features_that_no_picture_has() -> None:
    codes, _, labels = drawn("wide")
    assert STORED["wide"]["LogME"] > log_me(codes, labels) + 1
    noise = np.random.default_rng(0).normal(size=(60, 300))
    assert log_me_as_published(noise, labels) > log_me_as_published(codes, labels)
    assert log_me(noise, labels) < log_me(codes, labels)


def test_h_score_is_what_discriminant_analysis_explains() -> None:
    codes, _, labels = drawn("narrow")
    centred = codes - codes.mean(0)
    means = np.stack([centred[labels == label].mean(0) for label in range(CLASSES)])[labels]
    axes = LinearDiscriminantAnalysis(solver="eigen").fit(codes, labels).scalings_[:, : CLASSES - 1]
    shares = ((means @ axes) ** 2).sum(0) / ((centred @ axes) ** 2).sum(0)
    assert h_score(codes, labels) == pytest.approx(shares.sum(), abs=1e-9)


def test_noise_with_many_features_gets_the_highest_h_score_but_no_log_me() -> None:
    rng, labels = np.random.default_rng(0), np.arange(100) % 5
    noise, told = rng.normal(size=(100, 400)), np.eye(5)[labels] + rng.normal(size=(100, 5)) / 3
    assert h_score(noise, labels) == pytest.approx(4)
    assert h_score(told, labels) < 4
    assert log_me(noise, labels) < log_me(told, labels)


@pytest.mark.parametrize("score", [log_me, h_score, neighbours_accuracy, probe_accuracy])
def test_a_dead_network_is_scored_below_noise_or_beside_it(score) -> None:
    labels = np.arange(60) % 3
    noise = np.random.default_rng(2).normal(size=(60, 4))
    dead = score(np.zeros((60, 4)), labels)
    assert np.isfinite(dead)
    assert dead <= score(noise, labels) + 0.1


def test_log_me_of_nothing_is_the_evidence_of_noise_alone() -> None:
    labels = np.arange(60) % 3
    almost = np.random.default_rng(2).normal(size=(60, 1)) * 1e-6
    assert log_me(np.zeros((60, 1)), labels) == pytest.approx(log_me(almost, labels), abs=0.02)


@pytest.mark.parametrize("score", [log_me, h_score, neighbours_accuracy, probe_accuracy])
def test_codes_that_tell_the_classes_score_higher_than_noise(score) -> None:
    rng, labels = np.random.default_rng(1), np.arange(60) % 3
    noise = rng.normal(size=(60, 4))
    assert score(np.eye(3)[labels] @ rng.normal(size=(3, 4)) * 4 + noise, labels) > score(
        noise, labels
    )


def test_leep_of_a_source_class_for_each_target_class_is_zero_and_of_none_is_entropy() -> None:
    labels = np.arange(12) % 3
    assert leep(np.eye(3)[labels], labels) == 0
    assert leep(np.full((12, 5), 0.2), labels) == pytest.approx(np.log(1 / 3))
    with_unseen = np.hstack([np.eye(3)[labels], np.zeros((12, 2))])
    assert leep(with_unseen, labels) == 0


@pytest.mark.parametrize("name", SCORES[1:])
def test_a_network_is_scored_by_its_pooled_codes(name: str) -> None:
    backbone = load_backbone("small_vgg", weights="random", size=16)
    few = load_task("digits", shots=5).train
    codes = pooled(encode(backbone, few.inputs, until="block2")).numpy()
    functions = dict(
        zip(SCORES[1:], (log_me, h_score, neighbours_accuracy, probe_accuracy), strict=True)
    )
    expected = functions[name](codes, few.labels.numpy())
    assert score_network(name, backbone, few.inputs, few.labels, until="block2") == expected


def test_leep_of_a_network_runs_its_own_head() -> None:
    backbone = load_backbone("small_vgg", weights="random", size=16).train()
    few = load_task("digits", shots=5).train
    found = score_network("LEEP", backbone, few.inputs, few.labels)
    assert backbone.head.training
    probabilities = backbone.eval()(few.inputs).softmax(1).detach().numpy()
    assert found == pytest.approx(leep(probabilities, few.labels), abs=1e-5)


@pytest.mark.parametrize(
    ("codes", "labels", "said"),
    [
        (np.zeros((3, 2)), [0, 1], r"\(3, 2\) and labels of shape \(2,\) do not fit"),
        (np.zeros((2, 3, 4, 4)), [0, 1], "averages maps over the picture"),
        (np.zeros((0, 2)), [], "do not fit"),
        (np.full((2, 2), np.nan), [0, 1], "NaN"),
        (np.zeros((3, 2)), [0, 2, 2], r"got \[0, 2\]"),
        (np.zeros((3, 2)), [0.0, 1.0, 1.0], "whole numbers"),
        (np.zeros((3, 2)), [0, 0, 0], "two classes or more"),
    ],
)
@pytest.mark.parametrize("score", [log_me, h_score, neighbours_accuracy, probe_accuracy])
def test_what_does_not_fit_is_named(score, codes, labels, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        score(codes, labels)


def test_scores_say_what_they_cannot_take() -> None:
    with pytest.raises(ValueError, match=r"give scores.softmax\(1\)"):
        leep([[2.0, 1.0], [0.0, 1.0]], [0, 1])
    with pytest.raises(ValueError, match="a class has 4 pictures"):
        probe_accuracy(np.zeros((9, 2)), [0] * 4 + [1] * 5)
    few = load_task("digits", shots=5).train
    with pytest.raises(ValueError, match="LEEP, LogME"):
        score_network("logme", load_backbone("small_vgg", weights="random"), few.inputs, few.labels)
