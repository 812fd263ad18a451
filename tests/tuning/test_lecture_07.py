"""The smallest setting of lecture 07's tuning."""

import pytest

from tools.tuning import lecture_07


@pytest.mark.slow
def test_accuracies_come_after_half_the_epochs_all_and_twice() -> None:
    way = lecture_07.Way(2, through="stage9")
    found = lecture_07.accuracies(way, "small, similar", seed=100, lr=1e-3)
    assert len(found) == 3
    assert all(0 <= accuracy <= 1 for accuracy in found)
