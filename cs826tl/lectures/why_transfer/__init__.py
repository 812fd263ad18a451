"""Lecture 01: why one transfers, and what a shift between domains costs."""

from cs826tl.lectures.why_transfer.explorer import shift_explorer
from cs826tl.lectures.why_transfer.plots import plot_domains

__all__ = ["plot_domains", "shift_explorer"]
