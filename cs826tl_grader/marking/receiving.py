"""Stage one comes in, stage two goes out: each student's receipts, and the copy they open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat

from cs826tl_grader.exercise.receipts import Receipt, read_receipts, sealed
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.exercise.variants import variant_of
from cs826tl_grader.marking.cohort import Cohort, Marks
from cs826tl_grader.marking.marks import Mark
from cs826tl_grader.plain.notebook import read_notebook
from cs826tl_grader.plain.writing import safe_name, write_csv, write_text

COLUMNS = ("student", "exercise", "question", "answer", "status", "reason")
FIRST_COUNTS = "received before: the first prediction counts"


def open_second_stages(marks: Marks, cohort: Cohort) -> list[tuple[str, ...]]:
    """Write `<student>/NN_slug.ipynb` for all who predicted, and `receipts.csv`; return its rows.

    Whoever has a copy already keeps it, with the predictions that it was made for: nobody who has
    seen stage two can predict again. Whoever left out one prediction gets none. Where another
    notebook lies in a copy's place, a person has to look.
    """
    exercises = {exercise.name: exercise for exercise in cohort.exercises}
    rows: list[tuple[str, ...]] = []
    for (student, name), found in sorted(marks.items()):
        try:
            received = list(_rows(cohort, exercises[name], student, found))
        except Exception as problem:  # it is this student's, and nobody else's
            received = [("", "", "needs-review", str(problem))]
        rows += [(student, name, *row) for row in received]
    write_csv(cohort.report / "receipts.csv", COLUMNS, rows)
    return rows


def second_stage_of(cohort: Cohort, student: str, exercise: str) -> Path:
    """Return where a student's copy of stage two lies, or would."""
    return cohort.report / safe_name(student) / f"{exercise}.ipynb"


def _rows(
    cohort: Cohort, exercise: Exercise, student: str, found: Sequence[Mark]
) -> Iterator[tuple[str, str, str, str]]:
    names = {question.name for question in exercise.rubric.predictions}
    predicted = [mark for mark in found if mark.question in names]
    place = second_stage_of(cohort, student, exercise.name)
    if cohort.roster and student not in cohort.roster:
        yield "", "", "refused", "nobody of that name is on the roster"
    elif place.exists():
        for receipt in _kept(place, names):
            yield receipt.question, receipt.answer, "kept", FIRST_COUNTS
    elif all(mark.predicted for mark in predicted):
        write_text(place, _second_stage(cohort, exercise, student, predicted), mode=0o644)
        for mark in predicted:
            yield mark.question, mark.predicted, "received", ""
    else:
        for mark in predicted:
            status = "refused" if mark.predicted or mark.status != "missing" else "missing"
            reason = "another prediction is missing" if mark.predicted else mark.reason
            yield mark.question, mark.predicted, status, reason


def _kept(place: Path, names: set[str]) -> list[Receipt]:
    """Return the receipts of a copy of stage two; `ValueError` if what lies there is none."""
    found = read_receipts(cell.source for cell in read_notebook(place).cells)
    if set(found) != names:
        raise ValueError(f"{place} is no copy of stage two: give --out a folder of its own")
    return [receipts[0] for receipts in found.values()]


def _second_stage(
    cohort: Cohort, exercise: Exercise, student: str, predicted: Sequence[Mark]
) -> str:
    if cohort.key is None:
        raise ValueError("a receipt needs the key of the course: give --key-file")
    receipts: list[Receipt] = [
        sealed(cohort.key, student, exercise.name, mark.question, mark.predicted)
        for mark in predicted
    ]
    answers = [receipt.answer for receipt in receipts]
    variant = variant_of(exercise.rubric, student, cohort.key, answers)
    notebook = exercise.second_stage(variant, receipts)
    return f"{nbformat.writes(notebook)}\n"  # type: ignore[no-untyped-call]
