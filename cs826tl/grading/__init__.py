"""Grading: rubrics, releases, and marks for notebooks that may try anything.

One direction: the student's notebook runs in a sandbox (`isolation`, `inside`), the rubric runs
outside (`rubric`, `marking`), and plain data passes between them (`exchange`).
"""

from cs826tl.grading.rubric import Function, Text, Value

__all__ = ["Function", "Text", "Value"]
