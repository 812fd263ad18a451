"""Marks by hand: a table that is filled in, merged, and never lost."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.marking.by_hand import COLUMNS, merge_by_hand, write_by_hand
from cs826tl_grader.marking.cohort import Marks
from cs826tl_grader.marking.marks import Mark
from tests.grader.submissions import COURSE, EXERCISE

EXERCISES = {EXERCISE: Exercise(COURSE / f"{EXERCISE}.ipynb")}
MARKS: Marks = {
    (student, EXERCISE): [
        Mark("scale", 3.0, 3.0, "graded", "right in every case"),
        Mark("why", 0.0, 2.0, "needs-review", "to be marked by hand", "Because\nit =does."),
    ]
    for student in ("ada", "=grace")
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def fill_in(path: Path, delimiter: str = ",", **cells: str) -> None:
    """Fill in the first row, as a spreadsheet would save it."""
    found = rows(path)
    found[0] |= cells
    with path.open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.DictWriter(stream, COLUMNS, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(found)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    write_by_hand(MARKS, EXERCISES, tmp_path / "by_hand.csv")
    return tmp_path / "by_hand.csv"


def test_all_written_answers_are_there_to_be_marked(table: Path) -> None:
    assert [(r["student"], r["question"], r["points"]) for r in rows(table)] == [
        ("'=grace", "why", ""),
        ("ada", "why", ""),
    ]
    assert rows(table)[0]["criteria"] == "says why"


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_what_is_filled_in_is_merged(table: Path, delimiter: str) -> None:
    fill_in(table, delimiter, points="1,5", comment="nearly")
    merged = merge_by_hand(MARKS, table)
    mark = merged["=grace", EXERCISE][1]
    assert (mark.points, mark.status, mark.reason) == (1.5, "graded", "nearly")
    assert merged["ada", EXERCISE] == MARKS["ada", EXERCISE]


def test_grading_again_keeps_what_was_filled_in(table: Path) -> None:
    fill_in(table, points="2", comment="good")
    write_by_hand(MARKS, EXERCISES, table)
    assert rows(table)[0]["points"] == "2"
    assert rows(table)[0]["comment"] == "good"


def test_merging_the_table_itself_keeps_it(table: Path) -> None:
    fill_in(table, points="2")
    merge_by_hand(MARKS, table)
    write_by_hand(MARKS, EXERCISES, table, table)
    assert [r["points"] for r in rows(table)] == ["2", ""]


def test_an_answer_that_was_handed_in_again_is_marked_again(table: Path) -> None:
    fill_in(table, points="2")
    first, second = MARKS["=grace", EXERCISE]
    changed = MARKS | {("=grace", EXERCISE): [first, replace(second, written="Something else.")]}
    with pytest.raises(ValueError, match="line 2: the answer was handed in again"):
        merge_by_hand(changed, table)
    write_by_hand(changed, EXERCISES, table)
    assert rows(table)[0]["points"] == ""


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"points": "3"}, "line 2: points '3'; give 0 to 2"),
        ({"points": "-1"}, "give 0 to 2"),
        ({"points": "nan"}, "give 0 to 2"),
        ({"points": "x"}, "give 0 to 2"),
        ({"points": "1", "student": "nobody"}, "there is no answer of nobody"),
    ],
)
def test_what_makes_no_sense_is_said(table: Path, cells: dict[str, str], says: str) -> None:
    fill_in(table, **cells)
    with pytest.raises(ValueError, match=says):
        merge_by_hand(MARKS, table)


def test_another_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("student;mark\nada;1\n")
    with pytest.raises(ValueError, match="lacks the columns"):
        merge_by_hand(MARKS, tmp_path / "other.csv")
