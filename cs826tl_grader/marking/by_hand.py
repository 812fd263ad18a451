"""Written answers: a table to fill in, and what was filled in."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

from cs826tl_grader.exercise.rubric import Text
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.marking.cohort import Marks
from cs826tl_grader.marking.marks import Mark
from cs826tl_grader.plain.tables import read_table
from cs826tl_grader.plain.writing import safe_cell, write_csv

COLUMNS = (
    "student", "exercise", "question", "points", "max_points", "comment", "criteria", "answer",
)  # fmt: skip


def write_by_hand(
    marks: Marks, exercises: dict[str, Exercise], path: Path, marked: Path | None = None
) -> None:
    """Write the answers that a person has to mark, with empty columns `points` and `comment`.

    What was filled in before, in the file itself or in `marked`, is kept if the answer has not
    changed.
    """
    done = _filled_in(path) if path.exists() else {}
    done |= _filled_in(marked) if marked else {}
    rows = []
    for (student, name), found in sorted(marks.items()):
        for mark in (mark for mark in found if mark.status == "needs-review"):
            question = exercises[name].rubric[mark.question]
            criteria = "; ".join(question.criteria) if isinstance(question, Text) else mark.reason
            row = done.get(_place(student, name, mark.question))
            kept = (row.points, row.comment) if row and row.is_of(mark) else ("", "")
            most = float(mark.max_points)
            place = (student, name, mark.question)
            rows.append((*place, kept[0], most, kept[1], criteria, mark.written))
    write_csv(path, COLUMNS, rows)


def merge_by_hand(marks: Marks, path: Path) -> Marks:
    """Return the marks with the points that were filled in.

    Raises `ValueError` naming the line if the points are not a number from 0 to the maximum, if
    there is no such answer, or if it was handed in again after it was marked.
    """
    rows = _filled_in(path)
    places = {_place(s, e, m.question) for (s, e), found in marks.items() for m in found}
    for place in rows.keys() - places:
        who = ", ".join(place)
        raise ValueError(f"{path}, line {rows[place].line}: there is no answer of {who}")
    return {
        (student, exercise): [
            _marked(mark, rows.get(_place(student, exercise, mark.question)), path)
            for mark in found
        ]
        for (student, exercise), found in marks.items()
    }


@dataclasses.dataclass(frozen=True)
class _Row:
    line: int
    points: str
    comment: str
    answer: str | None  # None where the column was deleted

    def is_of(self, mark: Mark) -> bool:
        """Say whether the answer is still the one that was marked, however it is laid out."""
        return self.answer is None or self.answer.split() == safe_cell(mark.written).split()


def _place(*words: str) -> tuple[str, ...]:
    return tuple(map(safe_cell, words))


def _filled_in(path: Path) -> dict[tuple[str, ...], _Row]:
    """Return the rows that have points."""
    head, *table = read_table(path)
    if missing := {*COLUMNS[:4]} - {*head}:
        raise ValueError(f"{path} lacks the columns {', '.join(sorted(missing))}")
    rows = {}
    for line, cells in enumerate(table, start=2):
        row = dict(zip(head, cells, strict=False))
        if points := row.get("points"):
            place = tuple(row[column] for column in COLUMNS[:3])
            rows[place] = _Row(line, points, row.get("comment", ""), row.get("answer"))
    return rows


def _marked(mark: Mark, row: _Row | None, path: Path) -> Mark:
    if row is None:
        return mark
    if not row.is_of(mark):
        raise ValueError(
            f"{path}, line {row.line}: the answer was handed in again after it was marked"
        )
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
