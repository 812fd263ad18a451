"""Lecture 07's choices come from validation data, by code that runs."""

import pytest

from cs826tl.lectures.freezing_vs_finetuning import experiments
from tools.tuning import lecture_07


@pytest.mark.slow
def test_a_way_is_followed_for_its_epochs_and_for_twice_as_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(experiments.SETTINGS, 5, {"epochs": 1, "lr": 1e-3})
    monkeypatch.setattr(lecture_07, "RATES", (1e-3,))
    found = lecture_07.tuned("tune highest stages", "cifar10", 5, seed=100)
    assert found.columns.tolist() == [1, 2]
    assert 0 < found.min(axis=None) <= found.max(axis=None) < 1
