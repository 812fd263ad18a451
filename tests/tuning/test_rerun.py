"""Running a lecture again over other seeds."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tools.tuning import rerun

LECTURE = """
SEEDS = range(2)
import cs826tl as tl
check = tl.Check("seeds", [float(seed) for seed in SEEDS], at_least=3)
tl.Findings(tl.Verdict("C01", "A claim.", [check], "does not hold"))
"""


def lecture(folder: Path, *sources: str) -> Path:
    (folder / "notebooks").mkdir()
    path = folder / "notebooks" / "99_lecture.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
    return path


@pytest.mark.slow
def test_it_runs_over_the_block_and_leaves_the_notebook_alone(
    tmp_path, monkeypatch, capsys
) -> None:
    path = lecture(tmp_path, LECTURE)
    monkeypatch.setattr(rerun, "CHECKOUT", tmp_path)
    before = path.read_text()
    rerun.confirm("99_lecture", [range(7, 9)])
    said = capsys.readouterr().out
    assert "seeds 7 to 8" in said
    assert "[C01] withdrawn" in said  # 7 and 8 meet the bar that 0 and 1 do not
    assert "seeds: 7.50" in said
    assert path.read_text() == before


def test_a_lecture_that_does_not_say_its_seeds_is_refused(tmp_path, monkeypatch) -> None:
    lecture(tmp_path, "seeds = range(2)")
    monkeypatch.setattr(rerun, "CHECKOUT", tmp_path)
    with pytest.raises(ValueError, match="has 0 lines 'SEEDS = range"):
        rerun.confirm("99_lecture", [range(7, 9)])
