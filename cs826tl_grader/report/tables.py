"""The files of a report: tables, gradebooks, feedback for each student, the lecturer's page."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from cs826tl_grader.marking.cohort import Marks
from cs826tl_grader.marking.marks import Mark
from cs826tl_grader.marking.sitting import HINT
from cs826tl_grader.plain.writing import left_out, safe_name, write_csv, write_text
from cs826tl_grader.platforms.intake import Row
from cs826tl_grader.report.overview import overview
from cs826tl_grader.report.pages import render, totals

GRADES = ("student", "exercise", "question", "points", "max_points", "status", "reason")
SUMMARY = ("student", "exercise", "points", "max_points")
GRADEBOOKS = {  # the columns that each import wants before the points, and which holds the id
    "moodle": (("ID number",), 0),
    "canvas": (("Student", "ID", "SIS User ID", "SIS Login ID", "Section"), 2),
    "blackboard": (("Username",), 0),
}


def write_report(
    marks: Marks,
    report: Path,
    unsandboxed: bool = False,
    refused: Mapping[str, str] = MappingProxyType({}),
    received: Sequence[Row] = (),
) -> None:
    """Write `grades.csv`, `summary.csv`, feedback, gradebooks and `report.html`.

    `refused` are entries of the submissions' folder that are no student's, each with the reason.
    `received` says what became of the entries of a platform's archive: `received.csv`.
    """
    ordered = dict(sorted(marks.items()))
    write_csv(report / "grades.csv", GRADES, _grades(ordered))
    write_csv(report / "summary.csv", SUMMARY, _summary(ordered))
    write_received(received, report)
    for system in GRADEBOOKS:
        _write_gradebook(ordered, report / "gradebooks" / f"{system}.csv", system)
    for (student, exercise), found in ordered.items():
        place = report / "feedback" / safe_name(student) / f"{exercise}.html"
        with left_out(f"the feedback of {student} on {exercise}"):
            write_text(place, _feedback(student, exercise, found, unsandboxed))
    write_text(report / "report.html", overview(ordered, unsandboxed, refused, received))


def write_received(received: Sequence[Row], report: Path) -> None:
    """Write `received.csv`, where there was an archive: what became of each of its entries."""
    if received:
        columns = [field.name for field in dataclasses.fields(Row)]
        write_csv(report / "received.csv", columns, map(dataclasses.astuple, received))


def _grades(marks: Marks) -> Iterator[tuple[object, ...]]:
    for (student, exercise), found in marks.items():
        for m in found:
            points = (float(m.points), float(m.max_points))
            yield student, exercise, m.question, *points, m.status, m.reason


def _summary(marks: Marks) -> Iterator[tuple[object, ...]]:
    for (student, exercise), found in marks.items():
        yield student, exercise, *totals(found)


def _write_gradebook(marks: Marks, path: Path, system: str) -> None:
    """Write one row per student and one column per exercise; for Canvas, the most points too."""
    columns, identity = GRADEBOOKS[system]
    most = {exercise: totals(found)[1] for (_, exercise), found in marks.items()}
    exercises = sorted(most)
    rows: list[list[object]] = []
    if system == "canvas":
        rows.append(["Points Possible", *[""] * 4, *(most[e] for e in exercises)])
    for student in sorted({student for student, _ in marks}):
        who = ["" if k != identity else student for k in range(len(columns))]
        found = [marks.get((student, exercise)) for exercise in exercises]
        rows.append([*who, *("" if one is None else totals(one)[0] for one in found)])
    write_csv(path, [*columns, *exercises], rows)


def _feedback(student: str, exercise: str, found: Sequence[Mark], unsandboxed: bool) -> str:
    points, most = (f"{total:g}" for total in totals(found))
    waiting = sum(m.max_points for m in found if m.status == "needs-review")
    return render(
        "feedback.html", student=student, exercise=exercise, marks=found, points=points, most=most,
        hint=HINT,
        waiting=f"{waiting:g}" if waiting else "", unsandboxed=unsandboxed,
    )  # fmt: skip
