"""Lecture 13: cheap changes; what they store, what they take, and what they keep."""

from cs826tl.lectures.cheap_changes.checks import check_merged
from cs826tl.lectures.cheap_changes.explorer import line_explorer

__all__ = ["check_merged", "line_explorer"]
