"""Gradescope's side: `/autograder/submission` in, `/autograder/results/results.json` out.

https://gradescope-autograders.readthedocs.io/en/latest/specs/ and `…/submission_metadata/`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cs826tl_grader.autograders.one import grade_one
from cs826tl_grader.plain.writing import write_text
from cs826tl_grader.platforms.results import gradescope_results


def run(root: Path) -> None:
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


if __name__ == "__main__":
    run(Path(sys.argv[1]))
