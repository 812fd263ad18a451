"""Lecture 12's models and its exercise, beside plain scikit-learn."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from cs826tl.data.intrusion import BREAK_INS
from cs826tl.lectures.applications import check_threshold, experiments as app


@pytest.mark.parametrize(
    ("yours", "beginning"),
    [
        (lambda y, s: min(s, key=lambda at: np.sum((s >= at) != y)), "Right"),
        (lambda y, s: 0.0, "Not yet: at 0 there are 2 mistakes"),
        (lambda y, s: np.median(s), "Not yet: at -0.75 there are"),
        (lambda y, s: 0.7, "Not yet: it fails when all scores are 5 higher"),
        (lambda y, s: s, "Not yet: it returns array"),
        (lambda y, s: None, "Not yet: it returns None"),
    ],
)
def test_a_threshold_is_told_what_is_wrong_with_it(
    yours: Callable[[Any, Any], float], beginning: str
) -> None:
    assert check_threshold(yours).startswith(beginning)


def test_six_labels_alone_are_seen_as_the_known_types_are() -> None:
    rows = app.attacks()
    source = rows[~rows["type"].isin(["imap", "satan"])]
    few = rows[rows["type"].isin(["imap", "satan"])].groupby("type").head(3)
    seen = app.seen_by(source)
    assert np.allclose(seen.transform(source)[:, -38:].mean(0), 0, atol=1e-9)
    score = app.detector(few, seen)
    tested = rows[rows["type"].isin(["imap", "satan"])]
    wanted = average_precision_score(tested["type"].isin(BREAK_INS), score(tested))
    assert app.precision(score, tested) == pytest.approx(wanted)


def test_a_lens_changes_the_pictures_and_not_what_they_show() -> None:
    cars, codes = app.pictures("clean")
    same, others = app.pictures("contrast")
    assert (cars == same).all()
    assert codes.shape == others.shape == (app.PICTURES, 1280)
    assert not np.allclose(codes, others)
