"""Lecture 12: applications; what ranks well, and what to deploy."""

from cs826tl.lectures.applications.checks import check_threshold
from cs826tl.lectures.applications.explorer import alarm_explorer

__all__ = ["alarm_explorer", "check_threshold"]
