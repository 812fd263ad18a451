"""The scripts behind the lectures' bars: lectures rerun with other seeds, and tuning that runs."""

import pytest

from cs826tl import Findings
from tools.tuning import lecture_00, lecture_01, lecture_03
from tools.tuning.confirm import findings

LESSON = (
    "SEEDS = range(3)\nimport cs826tl as tl\ndisplay(1)",
    "checks = [tl.Check('even seeds', [s % 2 for s in SEEDS], at_most=0)]\nchecks",
    "tl.Findings(tl.Verdict('C01', 'All are even.', checks, 'does not hold'))",
    "raise RuntimeError('after the findings nothing runs')",
)


def test_the_lectures_own_cells_run_with_other_seeds() -> None:
    found = findings(LESSON, "SEEDS = range(20, 23)")
    assert isinstance(found, Findings)
    (verdict,) = found.verdicts
    assert verdict.checks[0].values == [0, 1, 0]


@pytest.mark.parametrize("cells", [LESSON[1:], (LESSON[0], LESSON[0])])
def test_a_lecture_without_one_line_of_seeds_is_refused(cells: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="SEEDS"):
        findings(cells, "SEEDS = range(20, 23)")


def test_a_lecture_without_findings_is_refused() -> None:
    with pytest.raises(ValueError, match="Findings"):
        findings(("SEEDS = range(3)",), "SEEDS = range(20, 23)")


@pytest.mark.slow
def test_the_smallest_setting_of_each_tuning_script_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    for script in (lecture_00, lecture_01, lecture_03):
        monkeypatch.setattr(script, "SEEDS", range(100, 101))
    mnist = lecture_01.cropped(lecture_01.tl.load_task("mnist"))
    assert set(lecture_01.weights(mnist).index) == set(lecture_01.WEIGHTS)
    assert 0.1 < lecture_03.together((), 1, 2) <= 1
    assert 0.1 < lecture_00.accuracy("small_vgg", 32, 1, 1e-3) <= 1
