"""Sheets for a talk: each student's own, with answers that the grader computed."""

import re
from pathlib import Path

import pytest

from cs826tl.grading.exercise.source import Exercise
from cs826tl.grading.exercise.variants import variant_of
from cs826tl.grading.marking.cohort import Cohort
from cs826tl.grading.marking.marks import Mark
from cs826tl.grading.report.viva import questions, write_viva
from tests.grading.submissions import COURSE, EXERCISE
from tests.grading.test_grading import KEY

CODE = "def scale(x, factor):\n    # mine\n    product = x * factor\n    return product + 1"
SIZE = 300


def exercise() -> Exercise:
    return Exercise(COURSE / f"{EXERCISE}.ipynb")


def marks(code: str = CODE, points: float = 3.0) -> list[Mark]:
    return [
        Mark("scale", points, 3.0, "graded", "", code=code),
        Mark("smallest", 1.0, 1.0, "graded", "", code='smallest = variant["factor"] - 1'),
        Mark("why", 0.0, 2.0, "needs-review", "", written="Because."),
    ]


def sheets(folder: Path, found: dict[str, list[Mark]]) -> dict[str, str]:
    cohort = Cohort(folder / "in", folder / "out", (exercise(),), tuple(found), KEY)
    count = write_viva({(s, EXERCISE): m for s, m in found.items()}, cohort, KEY)
    pages = {p.stem: p.read_text() for p in (folder / "out" / "viva").glob("*.html")}
    assert len(pages) == count
    return pages


def test_three_hundred_students_get_three_hundred_sheets(tmp_path: Path) -> None:
    """Each with three questions, on one code that all of them handed in."""
    pages = sheets(tmp_path, {f"s{k:03}": marks() for k in range(SIZE)})
    assert len(pages) == SIZE
    bodies = {re.sub(r"s\d{3}", "", page) for page in pages.values()}
    assert len(bodies) == SIZE
    assert {page.count("<b>Answer:</b>") for page in pages.values()} == {3}
    assert all("examiner only" in page for page in pages.values())


def test_the_answers_are_right_whoever_computes_them() -> None:
    rubric = exercise().rubric
    for k in range(50):
        student = f"s{k}"
        variant = variant_of(rubric, student, KEY)
        found = {one.kind: one for one in questions(exercise(), student, variant, marks(), KEY)}
        call = re.search(r"scale\((.+), (.+)\)", found["call"].ask)
        assert call is not None
        x, factor = map(float, call.groups())
        assert float(found["call"].answer) == pytest.approx(x * factor + 1)
        assert found["gap"].answer in ("product = x * factor", "return product + 1")
        assert found["gap"].code.count("…") == 1
        assert found["gap"].code.replace("…", found["gap"].answer) == CODE
        if "copy" in found:
            other = re.search(r"factor = (\d+)", found["copy"].ask)
            assert other is not None
            theirs, mine = int(other[1]) - 1, variant["factor"] - 1
            assert found["copy"].answer == f"{theirs} (in your own copy it is {mine})"


def test_it_is_no_hidden_case() -> None:
    """What is asked in a talk is drawn apart from what the grader asked."""
    from cs826tl.grading.marking.marks import Marking

    question = exercise().rubric["scale"]
    hidden = {
        repr(a)
        for case in Marking(exercise(), "s1", {}, KEY, 1.0).cases(question)[1:]
        for a in case
    }
    found = questions(exercise(), "s1", {"factor": 3}, marks(), KEY)
    asked = next(one.ask for one in found if one.kind == "call")
    assert not [value for value in hidden if value in asked]


def test_the_same_sheet_is_drawn_again(tmp_path: Path) -> None:
    first, again = (sheets(tmp_path / name, {"ada": marks()}) for name in "ab")
    assert first == again


def test_who_answered_nothing_gets_none_and_who_was_wrong_is_told_so(tmp_path: Path) -> None:
    nothing = [Mark("scale", 0.0, 3.0, "missing", "nothing was handed in")]
    pages = sheets(tmp_path, {"ada": nothing, "bob": marks(CODE + "0", points=0.0)})
    assert list(pages) == ["bob"]
    assert "was wrong in some case" in pages["bob"]


def test_nothing_of_a_students_runs_in_the_examiners_browser(tmp_path: Path) -> None:
    hostile = "def scale(x, factor):\n    '<script>alert(1)</script>'\n    return '</pre><script>'"
    pages = sheets(tmp_path, {"ada": marks(hostile), "<script>": marks(hostile)})
    assert len(pages) == 2
    assert not [page for page in pages.values() if "<script" in page]
