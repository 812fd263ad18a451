"""Lecture 07's choices come from validation data, by code that runs."""

import pytest

from tools.tuning import lecture_07


@pytest.mark.slow
def test_a_way_is_followed_to_half_and_all_of_its_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(lecture_07.EPOCHS, 5, 2)
    found = lecture_07.curve("tune highest stages", "cifar10", 5, seed=100, lr=1e-3)
    assert len(found) == 2
    assert all(0 < accuracy < 1 for accuracy in found)
