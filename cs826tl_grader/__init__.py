"""Grading: rubrics, releases, and marks for notebooks that may try anything.

One direction: the student's notebook runs in a sandbox (`isolation`, `inside`), the rubric runs
outside (`rubric`, `marking`), and plain data passes between them (`exchange`).
"""

from cs826tl_grader.exercise.checks import Checks, checks_of
from cs826tl_grader.exercise.rubric import Case, Function, Prediction, Text, Value

__all__ = ["Case", "Checks", "Function", "Prediction", "Text", "Value", "checks_of"]
