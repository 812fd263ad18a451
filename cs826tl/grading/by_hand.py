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
    given = _given(path)
    return {
        (student, exercise): [
            given.get((student, exercise, m.question), lambda m: m)(m) for m in found
        ]
        for (student, exercise), found in marks.items()
    }


def _given(path: Path):  # type: ignore[no-untyped-def]
    given = {}
    with path.open(newline="", encoding="utf-8-sig") as stream:
        for line, row in enumerate(csv.DictReader(stream), start=2):
            text = (row.get("points") or "").strip()
            if not text:
                continue
            place = tuple((row.get(c) or "").removeprefix("'") for c in COLUMNS[:3])
            given[place] = _marked(path, line, text, row.get("comment") or "")
    return given


def _marked(path: Path, line: int, text: str, comment: str):  # type: ignore[no-untyped-def]
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = math.nan

    def mark(before: Mark) -> Mark:
        if not 0 <= points <= before.max_points:
            raise ValueError(
                f"{path}, line {line}: points {text!r}; give 0 to {before.max_points:g}"
            )
        reason = comment.strip() or "marked by hand"
        return dataclasses.replace(before, points=points, status="graded", reason=reason)

    return mark
