"""Lecture 12: what one would deploy, and what could go wrong."""

from cs826tl.lectures.applications.explorer import alarm_explorer

__all__ = ["alarm_explorer"]
