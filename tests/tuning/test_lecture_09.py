"""The choice of the strengths of lecture 09's remedies: its smallest setting."""

import pytest

from tools.tuning import lecture_09


@pytest.mark.slow
def test_a_lower_rate_keeps_more_of_the_old_task() -> None:
    found = lecture_09.table(["lower rate"], seeds=(100,)).loc["lower rate"]
    assert found.index.tolist() == list(lecture_09.GRIDS["lower rate"])
    assert found["old"].iloc[0] > found["old"].iloc[-1]  # the lowest rate against the highest
    assert found["both"].tolist() == pytest.approx(found[["old", "new"]].mean(axis=1).tolist())
