"""Written answers: a table to fill in, and what was filled in."""

from __future__ import annotations

import csv
import dataclasses
import math
from pathlib import Path

from cs826tl.grading.cohort import Marks
from cs826tl.grading.exercise import Exercise
from cs826tl.grading.marking import Mark
from cs826tl.grading.rubric import Text
from cs826tl.grading.writing import write_csv

COLUMNS = (
    "student",
    "exercise",
    "question",
    "points",
    "max_points",
    "comment",
    "criteria",
    "answer",
)


def write_by_hand(marks: Marks, exercises: dict[str, Exercise], path: Path) -> None:
    """Write the answers that a person has to mark; `points` and `comment` are to be filled in."""
    rows = []
    for (student, name), found in sorted(marks.items()):
        for mark in found:
            if mark.status == "needs-review":
                question = exercises[name].rubric[mark.question]
                criteria = (
                    "; ".join(question.criteria) if isinstance(question, Text) else mark.reason
                )
                most = float(mark.max_points)
                answer = mark.written
                rows.append((student, name, mark.question, "", most, "", criteria, answer))
    write_csv(path, COLUMNS, rows)


def merge_by_hand(marks: Marks, path: Path) -> Marks:
    """Return the marks with the points that were filled in.

    Raises `ValueError` naming the line, for points that are no number between 0 and the most.
    """
    rows = _filled_in(path)
    return {
        (student, exercise): [
            _marked(mark, rows.get((student, exercise, mark.question)), path) for mark in found
        ]
        for (student, exercise), found in marks.items()
    }


@dataclasses.dataclass(frozen=True)
class _Row:
    line: int
    points: str
    comment: str


def _filled_in(path: Path) -> dict[tuple[str, ...], _Row]:
    rows = {}
    with path.open(newline="", encoding="utf-8-sig") as stream:
        for line, row in enumerate(csv.DictReader(stream), start=2):
            if points := (row.get("points") or "").strip():
                place = tuple((row.get(column) or "").removeprefix("'") for column in COLUMNS[:3])
                rows[place] = _Row(line, points, (row.get("comment") or "").strip())
    return rows


def _marked(mark: Mark, row: _Row | None, path: Path) -> Mark:
    if row is None:
        return mark
    try:
        points = float(row.points.replace(",", "."))
    except ValueError:
        points = math.nan
    if not 0 <= points <= mark.max_points:
        raise ValueError(
            f"{path}, line {row.line}: points {row.points!r}; give 0 to {mark.max_points:g}"
        )
    reason = row.comment or "marked by hand"
    return dataclasses.replace(mark, points=points, status="graded", reason=reason)
