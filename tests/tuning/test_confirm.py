"""The scripts behind the lectures' bars: lectures rerun with other seeds, and tuning that runs."""

import math
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from cs826tl.verdicts.verdict import METADATA
from tools.notebooks import by_number
from tools.tuning import lecture_01, lecture_03, lecture_11, lecture_12
from tools.tuning.confirm import has_seeds, last_findings, number_of_seeds, with_seeds


def test_the_seeds_are_replaced_in_one_place() -> None:
    cells = [new_code_cell("a = 1\nSEEDS = range(5)"), new_code_cell("SEEDS[0]")]
    made = with_seeds(new_notebook(cells=cells), 10, 20)
    assert [cell.source for cell in made.cells] == ["a = 1\nSEEDS = range(10, 20)", "SEEDS[0]"]


@pytest.mark.parametrize("number", [0, 2])
def test_a_lecture_without_one_line_of_seeds_is_refused(number: int) -> None:
    cells = [new_code_cell("SEEDS = range(5)") for _ in range(number)]
    with pytest.raises(ValueError, match=f"{number} cells have the line SEEDS"):
        with_seeds(new_notebook(cells=[*cells, new_code_cell("a = 1")]), 10, 20)


@pytest.mark.parametrize(
    "path", list(filter(has_seeds, by_number().values())), ids=lambda path: path.stem
)
def test_every_trial_can_be_confirmed_on_five_seeds_or_more(path: Path) -> None:
    assert number_of_seeds(nbformat.read(path, as_version=4)) >= 5


def test_the_last_table_of_findings_counts() -> None:
    shown = [new_output("execute_result", metadata={METADATA: [{"claim": c}]}) for c in "AB"]
    cells = [new_code_cell("x", outputs=[output]) for output in shown]
    assert last_findings(new_notebook(cells=cells)) == [{"claim": "B"}]
    assert last_findings(new_notebook(cells=[new_code_cell("x")])) == []


@pytest.mark.slow
def test_the_smallest_setting_of_each_tuning_script_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    for script in (lecture_01, lecture_03):
        monkeypatch.setattr(script, "SEEDS", range(100, 101))
    mnist = lecture_01.cropped(lecture_01.tl.load_task("mnist"))
    assert set(lecture_01.weights(mnist).index) == set(lecture_01.WEIGHTS)
    assert 0.15 < lecture_01.photograph(5, 50, 1e-2) <= 1  # guessing: 0.1
    assert 0.1 < lecture_03.together((), 1, 2) <= 1
    assert 0.5 < lecture_12.table([100], [3], [5]).iloc[0, 0] < 0.9


@pytest.mark.slow
def test_the_language_model_guesses_worse_than_chance_early_in_a_window() -> None:
    bits = lecture_11.bits_by_length((5, 40))
    assert bits[40] < 3 < math.log2(465) < bits[5]
