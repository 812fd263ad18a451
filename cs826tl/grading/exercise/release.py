"""What students get: every exercise without its solutions, with a variant of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from cs826tl.grading.exercise.rubric import Text
from cs826tl.grading.exercise.source import Exercise
from cs826tl.grading.exercise.variants import variant_of
from cs826tl.grading.plain.writing import safe_name, write_text

EVERYBODY = "all"


def release(
    exercises: Sequence[Exercise],
    out: Path,
    roster: Sequence[str] = (),
    key: bytes | None = None,
    nbgrader: bool = False,
) -> list[Path]:
    """Write `out/<student or "all">/NN_slug.ipynb` and return the paths.

    With a roster and a key, every copy has the student's own variant. With `nbgrader`, the cells to
    answer also carry nbgrader's metadata, so that its form grader finds them. Raises `ValueError`
    for a roster without a key, or a key without a roster.
    """
    if bool(roster) != (key is not None):
        raise ValueError(
            "variants need both --roster and --key-file; without both, all copies are the same"
        )
    written = []
    for student in roster or (EVERYBODY,):
        for exercise in exercises:
            variant = variant_of(exercise.rubric, student, key)
            place = out / safe_name(student) / f"{exercise.name}.ipynb"
            notebook = exercise.released(variant)
            if nbgrader:
                _mark_for_nbgrader(notebook, exercise)
            text = nbformat.writes(notebook) + "\n"  # type: ignore[no-untyped-call]
            write_text(place, text, mode=0o644)  # to hand out
            written.append(place)
    return written


def _mark_for_nbgrader(notebook: NotebookNode, exercise: Exercise) -> None:
    for cell in notebook.cells:
        if name := cell.metadata.get("cs826tl", {}).get("question"):
            question = exercise.rubric[name]
            by_hand = isinstance(question, Text)
            cell.metadata["nbgrader"] = {
                "schema_version": 3, "grade_id": name, "locked": False, "solution": True,
                "grade": by_hand, "task": False,
            } | ({"points": question.points} if by_hand else {})  # fmt: skip
