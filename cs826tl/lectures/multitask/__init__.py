"""Lecture 03: several tasks at once."""

from cs826tl.lectures.multitask.explorer import multitask_explorer
from cs826tl.lectures.multitask.plots import plot_gains

__all__ = ["multitask_explorer", "plot_gains"]
