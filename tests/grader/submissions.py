"""Submissions for tests: notebooks made from files of cells, and graded as a lecturer grades."""

from __future__ import annotations

import csv
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.marking.cohort import Cohort, grade
from cs826tl_grader.report.tables import write_report

HERE = Path(__file__).parent
COURSE = HERE / "course"
EXERCISE = "01_scale"
ANSWER = "def scale(x, factor):\n    return x * factor + 1\n"


class Source(str):
    """A cell's text, and the cell's kind."""

    kind = "code"


def cells_of(path: Path) -> list[Source]:
    """Return the cells of a file, parted by `# %%` or `# %% [markdown]`.

    It is no `.py`, so that nothing imports it.
    """
    text = path.read_bytes().decode()  # as it is: line ends may be what is odd
    parts = re.split(r"^# %%(?: \[(markdown|raw)\])?\n", text, flags=re.M)[1:]
    cells = [Source(cell.strip("\n")) for cell in parts[1::2]]
    for cell, kind in zip(cells, parts[::2], strict=True):
        cell.kind = kind or "code"
    return cells


def notebook(cells: Sequence[str], why: str = "Because it does.") -> dict[str, Any]:
    """Return a submission: the release, with these cells in place of the function's."""
    exercise = Exercise(COURSE / f"{EXERCISE}.ipynb")
    made = exercise.released(exercise.rubric.draw_variant(_generator()))
    new = [
        getattr(nbformat.v4, f"new_{getattr(cell, 'kind', 'code')}_cell")(str(cell))
        for cell in cells
    ]
    place = next(k for k, cell in enumerate(made.cells) if cell.source.startswith("def scale"))
    made.cells[place : place + 1] = new
    for cell in made.cells:
        cell.source = cell.source.replace("*Your answer goes here.*", why)
        if cell.source.startswith("smallest"):
            cell.source = 'smallest = variant["factor"] - 1'
    return json.loads(nbformat.writes(made))


def _generator() -> Any:
    import numpy as np

    return np.random.default_rng(0)


def hand_in(folder: Path, student: str, content: dict[str, Any] | str | bytes) -> Path:
    """Write a submission and return its path."""
    place = folder / student / f"{EXERCISE}.ipynb"
    place.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        place.write_bytes(content)
    else:
        place.write_text(content if isinstance(content, str) else json.dumps(content))
    return place


def grade_all(
    folder: Path, how: str, timeout: float, jobs: int = 0
) -> dict[tuple[str, str], dict[str, str]]:
    """Grade `folder/in` into `folder/out`, and return `grades.csv` as `grades` does."""
    exercise = Exercise(COURSE / f"{EXERCISE}.ipynb")
    cohort = Cohort(folder / "in", folder / "out", (exercise,), how=how, timeout=timeout)
    write_report(grade(cohort, jobs=jobs), folder / "out")
    return grades(folder / "out")


def grades(report: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Return `grades.csv` by student and question."""
    with (report / "grades.csv").open(newline="") as stream:
        return {(row["student"], row["question"]): row for row in csv.DictReader(stream)}


def emptied(folder: Path) -> bool:
    """Wait until a folder is empty; say whether it came to that."""
    deadline = time.monotonic() + 60
    while (left := any(folder.iterdir())) and time.monotonic() < deadline:
        time.sleep(0.2)
    return not left
