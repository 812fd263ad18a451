"""Lecture 08: schedules of rates and of unfreezing."""

from cs826tl.lectures.gradual_unfreezing.explorer import schedule_designer

__all__ = ["schedule_designer"]
