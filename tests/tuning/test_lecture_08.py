"""The choice of lecture 08's rates: its smallest setting."""

import pytest

from tools.tuning import lecture_08


@pytest.mark.slow
def test_the_table_has_one_row_per_way_and_one_column_per_rate() -> None:
    ways, rates = ("plain", "head alone"), (1e-3, 3e-3)
    found = lecture_08.table(1, ways, rates, seeds=(100,))
    assert found.shape == (2, 2)
    assert found.index.tolist() == list(ways)
    assert found.columns.tolist() == list(rates)
    assert (found > 0.1).all(axis=None)  # better than guessing among ten digits
