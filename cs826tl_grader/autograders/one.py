"""One submission on a machine that is not yours: graded, and said how far it was confined."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cs826tl_grader.exercise.source import find_exercises
from cs826tl_grader.exercise.variants import read_key
from cs826tl_grader.marking.cohort import Cohort, grade
from cs826tl_grader.platforms.people import read_people
from cs826tl_grader.platforms.reading import folder_entries
from cs826tl_grader.platforms.results import Marked
from cs826tl_grader.platforms.unpacking import unpack
from cs826tl_grader.sandbox.backends import NoSandbox, backend

TIMEOUT = 60.0  # seconds per step, as `cs826tl grade` has them
SAID = {
    "bubblewrap": "Your notebook ran confined by bubblewrap.",
    "sandlock": "Your notebook ran confined by sandlock.",
    "none": "Nothing here can confine code: your notebook ran as a user who cannot read rubrics.",
}


@dataclass(frozen=True)
class Graded:
    """The marks of one submission by exercise, and what its student should know beside them."""

    marked: Marked
    said: str


def grade_one(submission: Path, given: Path, kind: str, ids: Iterable[str] = ()) -> Graded:
    """Grade what lies in a folder, with the exercises of the folder `given`.

    `given` may also hold `roster.csv` and `course.key`, and then one of `ids` must be on the
    roster. Avoids grading where a submission could read the rubric: without a sandbox it must at
    least run as another user, which takes root. Raises `NoSandbox` where that is so, `ValueError`
    for a stranger.
    """
    how = _confinement()
    roster, key = given / "roster.csv", given / "course.key"
    student = _student(roster, kind, ids) if roster.exists() else "student"
    with tempfile.TemporaryDirectory() as folder:  # which nobody else may enter
        work = Path(folder)
        (work / "in").mkdir()
        notes = unpack(list(folder_entries(submission)), work / "in" / student)
        exercises = tuple(find_exercises(given))
        secret = read_key(key) if key.exists() else None
        cohort = Cohort(
            work / "in", work / "out", exercises, (student,), secret, how, timeout=TIMEOUT
        )
        marks = grade(cohort)
    return Graded(
        {name: found for (_, name), found in marks.items()}, " ".join([SAID[how], *notes])
    )


def _confinement() -> str:
    try:
        return backend()
    except NoSandbox:
        if os.geteuid() != 0:
            raise
        return "none"


def _student(roster: Path, kind: str, ids: Iterable[str]) -> str:
    known = list(ids)
    people = read_people(roster, kind)
    found = people.whose(known).union(*map(people.there, known))
    if len(found) != 1:
        raise ValueError(f"not on the roster: {', '.join(known)}. Ask your lecturer")
    return found.pop()
