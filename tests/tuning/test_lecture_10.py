"""The choice of the settings of lecture 10's methods: they see the source alone."""

import numpy as np
import pytest

from cs826tl.methods.adaptation import blind_pair
from tools.tuning import lecture_10


@pytest.mark.slow
def test_both_halves_are_the_sources() -> None:
    half, whole = lecture_10.within_the_source("digits", 100), blind_pair("digits", seed=100)
    rows = np.concatenate([half.X_source, half.X_target])
    assert sorted(map(tuple, rows)) == sorted(map(tuple, whole.X_source))
    assert len(half.X_source) == len(half.X_target)


@pytest.mark.slow
def test_the_table_has_one_row_per_value() -> None:
    found = lecture_10.table("digits", ["naive Bayes, EM"], seeds=(100,))
    assert len(found) == len(lecture_10.GRIDS["naive Bayes, EM"][1])
    assert found["accuracy"].between(0.3, 1).all()
