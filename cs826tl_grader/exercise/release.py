"""What students get: every exercise without its solutions, with a variant of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.exercise.variants import first_variant, variant_of
from cs826tl_grader.plain.writing import safe_name, write_text

EVERYBODY = "all"


def release(
    exercises: Sequence[Exercise],
    out: Path,
    roster: Sequence[str] = (),
    key: bytes | None = None,
    nbgrader: bool = False,
) -> list[Path]:
    """Write `out/<student or "all">/NN_slug.ipynb` and return the paths.

    With a roster and a key, every copy has the student's own variant. Of an exercise with
    predictions it holds stage one only. With `nbgrader`, the cells to answer also carry nbgrader's
    metadata, so that its form grader finds them. Raises `ValueError` for a roster without a key,
    for a key without a roster, and for predictions without both.
    """
    if bool(roster) != (key is not None):
        raise ValueError(
            "variants need both --roster and --key-file; without both, all copies are the same"
        )
    require_key(exercises, key)
    written = []
    for student in roster or (EVERYBODY,):
        for exercise in exercises:
            place = out / safe_name(student) / f"{exercise.name}.ipynb"
            notebook = _copy(exercise, student, key)
            if nbgrader:
                _mark_for_nbgrader(notebook, exercise)
            text = nbformat.writes(notebook) + "\n"  # type: ignore[no-untyped-call]
            write_text(place, text, mode=0o644)  # to hand out
            written.append(place)
    return written


def require_key(exercises: Iterable[Exercise], key: bytes | None) -> None:
    """Raise `ValueError` if there are predictions to be sealed, and no key to seal them with."""
    for exercise in exercises:
        if exercise.rubric.predictions and key is None:
            raise ValueError(
                f"{exercise.name} asks for predictions: give --roster and --key-file, "
                "for nobody could be held to them otherwise"
            )


def _copy(exercise: Exercise, student: str, key: bytes | None) -> NotebookNode:
    if exercise.rubric.predictions:
        return exercise.first_stage(first_variant(exercise.rubric, student, key))
    return exercise.released(variant_of(exercise.rubric, student, key))


def _mark_for_nbgrader(notebook: NotebookNode, exercise: Exercise) -> None:
    for cell in notebook.cells:
        if name := cell.metadata.get("cs826tl", {}).get("question"):
            question = exercise.rubric[name]
            cell.metadata["nbgrader"] = {
                "schema_version": 3, "grade_id": name, "locked": False, "solution": True,
                "grade": question.written, "task": False,
            } | ({"points": question.points} if question.written else {})  # fmt: skip
