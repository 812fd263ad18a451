"""The smallest settings of the tuning of lectures 05 and 06."""

import pytest

from tools.tuning import lecture_05, lecture_06


@pytest.mark.slow
def test_codes_that_have_learnt_beat_guessing() -> None:
    table = lecture_05.strengths("efficientnet_lite0", shots=(5,), chosen_by=200)
    assert table.index.tolist() == [("linear SVM", 5), ("softmax", 5)]
    assert (table > 0.3).all(axis=None)  # guessing is right one time in ten


@pytest.mark.slow
def test_every_depth_has_an_accuracy() -> None:
    table = lecture_06.depths("photos", "imagenet", [100], shots=(5,))
    assert table.index.tolist() == ["pixels", *(f"stage{k}" for k in range(1, 10))]
    assert table.loc["stage5", ("linear SVM", 5)] > table.loc["pixels", ("linear SVM", 5)]
