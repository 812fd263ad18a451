"""What can be downloaded: lectures, the students' copies of exercises, and all in one archive."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from cs826tl_grader.exercise.release import release
from cs826tl_grader.exercise.source import Exercise, find_exercises
from tools.notebooks import CHECKOUT
from tools.website.live import Lecture

ARCHIVE = "cs826tl-course.zip"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # so that the same files make the same archive


def for_everybody() -> list[Exercise]:
    """Return the exercises that have one copy for all: an exam with predictions has none."""
    exercises = find_exercises(CHECKOUT / "notebooks" / "exercises")
    return [exercise for exercise in exercises if not exercise.rubric.predictions]


def write_downloads(folder: Path, lectures: list[Lecture]) -> None:
    """Write the lectures' notebooks, the students' copies, and the archive of both."""
    copies = folder / "exercises"
    copies.mkdir(parents=True)
    for lecture in lectures:
        shutil.copy(lecture.path, folder)
    for written in release(for_everybody(), folder / "released"):
        shutil.move(written, copies)
    shutil.rmtree(folder / "released")
    files = sorted(folder.rglob("*.ipynb"))
    with zipfile.ZipFile(folder / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            entry = zipfile.ZipInfo(f"cs826tl/{path.relative_to(folder)}", LONG_AGO)
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
