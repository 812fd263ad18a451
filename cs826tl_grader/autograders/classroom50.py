"""Classroom 50's side: the student's checkout in, `./result.json` out.

https://github.com/foundation50/classroom50/wiki/Advanced-Autograding
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from cs826tl_grader.autograders.one import grade_one
from cs826tl_grader.plain.writing import write_text
from cs826tl_grader.platforms.results import classroom50_result

NAMED = {  # the parts of the identity, and the variables in which the runner gives them
    "classroom": "CLASSROOM", "assignment": "ASSIGNMENT", "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL", "release": "RELEASE_URL",
}  # fmt: skip


def run(given: Path, checkout: Path, environment: Mapping[str, str]) -> None:
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


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path.cwd(), os.environ)
