"""A lecture run again on other seeds, by a notebook that is made here."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tools.tuning.reruns import SEEDS, rerun

CODE = """import cs826tl as tl

values = [float(seed) for seed in seeds]
check = tl.Check("a seed", values, at_least=3)
tl.Findings(tl.Verdict("C01", "Seeds are large.", [check], "holds"))
"""


def lesson(place: Path, *cells: str) -> Path:
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), place)
    return place


@pytest.mark.slow
def test_rerun_runs_on_the_other_seeds_and_leaves_the_notebook(tmp_path: Path) -> None:
    path = lesson(tmp_path / "lesson.ipynb", SEEDS, CODE)
    before = path.read_text(encoding="utf-8")
    (finding,) = rerun(path, range(4, 9))
    assert finding["checks"][0]["found"].startswith("6.00 ")  # the mean of 4 to 8
    assert path.read_text(encoding="utf-8") == before


def test_a_lecture_without_its_seeds_in_one_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="it needs one"):
        rerun(lesson(tmp_path / "lesson.ipynb", "seeds = [0, 1]"), range(4, 9))
