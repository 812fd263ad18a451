"""Marks in the words of autograders: Gradescope's `results.json` and Classroom 50's `result.json`.

Gradescope: https://gradescope-autograders.readthedocs.io/en/latest/specs/ ("Output format").
Classroom 50: https://github.com/foundation50/classroom50/wiki/Advanced-Autograding ("The
result.json contract"), where scores are whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from cs826tl_grader.marking.marks import Mark

Marked = Mapping[str, Sequence[Mark]]  # by exercise
IDENTITY = ("classroom", "assignment", "submission", "commit", "release", "review", "datetime")


def gradescope_results(marked: Marked, said: str = "") -> dict[str, Any]:
    """Return Gradescope's `results.json`: a test for each question, `said` above them.

    >>> mark = Mark("why", 1.0, 2.0, "graded", "right in every case")
    >>> found = gradescope_results({"01_why": [mark]})
    >>> found["tests"][0]["name"], found["tests"][0]["score"], found["tests"][0]["max_score"]
    ('01_why: why', 1.0, 2.0)
    """
    tests = [
        {
            "name": name,
            "score": float(mark.points),
            "max_score": float(mark.max_points),
            "output": f"{mark.status}: {mark.reason}",
            "output_format": "text",
            "visibility": "visible",
        }
        for name, mark in _questions(marked)
    ]
    return {"output": said, "output_format": "text", "visibility": "visible", "tests": tests}


def classroom50_result(marked: Marked, identity: Mapping[str, str]) -> dict[str, Any]:
    """Return Classroom 50's `result.json`; `identity` says what its runner knows of the submission.

    Its scores are whole numbers: where points are not, all are multiplied by the smallest number
    that makes them so. Raises `KeyError` if a part of the identity is missing.

    >>> mark = Mark("why", 0.5, 2.0, "graded", "nearly")
    >>> found = classroom50_result({"01_why": [mark]}, dict.fromkeys(IDENTITY, "x"))
    >>> found["score"], found["max-score"], found["tests"][0]["passed"]
    (1, 4, False)
    """
    points = [
        (name, mark, _exact(mark.points), _exact(mark.max_points))
        for name, mark in _questions(marked)
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


def _questions(marked: Marked) -> Iterator[tuple[str, Mark]]:
    for exercise, marks in marked.items():
        for mark in marks:
            yield f"{exercise}: {mark.question}", mark


def _exact(points: float) -> Fraction:
    return Fraction(points).limit_denominator(1000)
