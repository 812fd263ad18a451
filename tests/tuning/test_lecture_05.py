"""The smallest setting of the tuning of lecture 05."""

import pytest

from tools.tuning import lecture_05


@pytest.mark.slow
def test_codes_that_have_learnt_beat_guessing() -> None:
    table = lecture_05.strengths("efficientnet_lite0", shots=(5,), chosen_by=200)
    assert table.index.tolist() == [("linear SVM", 5), ("softmax", 5)]
    assert (table > 0.3).all(axis=None)  # guessing is right one time in ten
