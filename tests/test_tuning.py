"""The scripts by which the lectures' settings were chosen, at their smallest; and `confirm`."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from cs826tl.verdicts import METADATA
from tools.confirm import verdicts, with_seeds


def test_the_seeds_are_replaced_in_one_place() -> None:
    made = new_notebook(cells=[new_code_cell("a = 1\nSEEDS = range(5)"), new_code_cell("SEEDS[0]")])
    assert with_seeds(made, 10, 19).cells[0].source == "a = 1\nSEEDS = range(10, 20)"
    assert made.cells[1].source == "SEEDS[0]"


def test_a_notebook_without_seeds_is_refused() -> None:
    with pytest.raises(ValueError, match="0 cells say"):
        with_seeds(new_notebook(cells=[new_code_cell("a = 1")]), 10, 19)


def test_each_verdict_counts_once() -> None:
    shown = new_output("execute_result", metadata={METADATA: [{"claim": "C01"}]})
    cells = [new_code_cell("x", outputs=[shown]) for _ in range(2)]
    assert verdicts(new_notebook(cells=cells)) == [{"claim": "C01"}]


@pytest.mark.slow
def test_lecture_12_chooses_on_validation() -> None:
    from tools.tuning.lecture_12 import table

    assert table([100], [3], [5]).shape == (1, 1)
    assert 0.5 < table([100], [3], [5]).iloc[0, 0] < 0.9
