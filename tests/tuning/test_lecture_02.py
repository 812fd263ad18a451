"""The smallest setting of lecture 02's tuning, held to what is known of its methods."""

import pytest

from tools.tuning import lecture_02


@pytest.mark.slow
def test_ridge_with_the_lectures_settings_beats_one_that_holds_back_too_much() -> None:
    table = lecture_02.accuracies(lecture_02.by_ridge, [100], gammas=(0.1,), alphas=(0.1, 1000.0))
    assert 0.9 < table.loc[0.1, 0.1] <= 1
    assert table.loc[0.1, 1000.0] < table.loc[0.1, 0.1]


@pytest.mark.slow
def test_mnist_that_counts_for_nothing_loses_what_twenty_pictures_alone_lose() -> None:
    lost = lecture_02.weights([100], counts=(1e-12, 20))
    assert 0 < lost[20] < lost[1e-12] < 1
