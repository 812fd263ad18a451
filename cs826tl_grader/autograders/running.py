"""One submission on a machine that is not yours: graded, and told in the platform's own words.

Gradescope: `/autograder/submission` in, `/autograder/results/results.json` out, see
https://gradescope-autograders.readthedocs.io/en/latest/specs/. Classroom 50: the student's checkout
in, `./result.json` out, whose scores are whole numbers, see
https://github.com/foundation50/classroom50/wiki/Advanced-Autograding.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import Any

from cs826tl_grader.exercise.source import find_exercises
from cs826tl_grader.exercise.variants import read_key
from cs826tl_grader.marking.cohort import Cohort, grade
from cs826tl_grader.plain.writing import write_text
from cs826tl_grader.platforms.gradescope import Marked, gradescope_results, in_order
from cs826tl_grader.platforms.people import read_people
from cs826tl_grader.platforms.reading import folder_entries
from cs826tl_grader.platforms.unpacking import unpack
from cs826tl_grader.sandbox.backends import NoSandbox, backend

TIMEOUT = 60.0  # seconds per step, as `cs826tl grade` has them
SAID = {
    "bubblewrap": "Your notebook ran confined by bubblewrap.",
    "sandlock": "Your notebook ran confined by sandlock.",
    "none": "Nothing here can confine code: your notebook ran as a user who cannot read rubrics.",
}
NAMED = {  # the parts of the identity, and the variables in which the runner gives them
    "classroom": "CLASSROOM", "assignment": "ASSIGNMENT", "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL", "release": "RELEASE_URL",
}  # fmt: skip
IDENTITY = (*NAMED, "review", "datetime")


def gradescope(root: Path) -> None:
    """Grade the submission below `root`, and write `results.json` whatever happens.

    Raises whatever goes wrong, after it is written down: Gradescope shows that to the lecturer.
    """
    place = root / "results" / "results.json"
    try:
        metadata = json.loads((root / "submission_metadata.json").read_text("utf-8"))
        ids = _ids(metadata)
        graded = grade_one(root / "submission", root / "source" / "exercises", "gradescope", ids)
        results = gradescope_results(graded.marked, graded.said)
    except Exception as problem:
        results = gradescope_results({}, f"Not graded: {problem}") | {"score": 0.0}
        write_text(place, json.dumps(results))
        raise
    write_text(place, json.dumps(results, indent=1))


def _ids(metadata: Any) -> list[str]:
    """Return ids and addresses of those who handed in; Gradescope itself writes this file."""
    users = metadata.get("users", [])
    return [str(user[key]) for user in users for key in ("sid", "email") if user.get(key)]


def classroom50(given: Path, checkout: Path, environment: Mapping[str, str]) -> None:
    """Grade a checkout by the exercises in `given`, and write `result.json` into it.

    Raises `KeyError` naming a variable that Classroom 50's runner did not set.
    """
    identity = {part: environment[name] for part, name in NAMED.items()}
    identity["review"] = environment.get("REVIEW_URL") or identity["commit"]
    identity["datetime"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    graded = grade_one(checkout, given / "exercises", "github")
    result = classroom50_result(graded.marked, identity)
    write_text(checkout / "result.json", json.dumps(result, indent=1), mode=0o644)
    print(graded.said)


def classroom50_result(marked: Marked, identity: Mapping[str, str]) -> dict[str, Any]:
    """Return Classroom 50's `result.json`; `identity` says what its runner knows of the submission.

    Its scores are whole numbers: where points are not, all are multiplied by the smallest number
    that makes them so. Raises `KeyError` if a part of the identity is missing.

    >>> from cs826tl_grader.marking.marks import Mark
    >>> mark = Mark("why", 0.5, 2.0, "graded", "nearly")
    >>> found = classroom50_result({"01_why": [mark]}, dict.fromkeys(IDENTITY, "x"))
    >>> found["score"], found["max-score"], found["tests"][0]["passed"]
    (1, 4, False)
    """
    points = [
        (name, mark, _exact(mark.points), _exact(mark.max_points))
        for name, mark in in_order(marked)
    ]
    whole = lcm(*(number.denominator for _, _, *both in points for number in both))
    tests = [
        {
            "test-name": name,
            "passed": mark.points >= mark.max_points,
            "score": int(got * whole),
            "max-score": int(most * whole),
            "output": f"{mark.status}: {mark.reason}",
        }
        for name, mark, got, most in points
    ]
    return {
        "schema": "classroom50/result/v1",
        **{part: identity[part] for part in IDENTITY},
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def _exact(points: float) -> Fraction:
    return Fraction(points).limit_denominator(1000)


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
        marks = grade(cohort, jobs=1)
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


if __name__ == "__main__":
    if sys.argv[1] == "gradescope":
        gradescope(Path(sys.argv[2]))
    else:
        classroom50(Path(sys.argv[2]), Path.cwd(), os.environ)
