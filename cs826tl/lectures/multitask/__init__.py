"""Lecture 03: several tasks at once."""

from cs826tl.lectures.multitask.explorer import multitask_explorer

__all__ = ["multitask_explorer"]
