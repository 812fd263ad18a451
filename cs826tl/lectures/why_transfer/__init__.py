"""Lecture 01: why one transfers, and what a shift between domains costs."""

from cs826tl.lectures.why_transfer.explorer import shift_explorer

__all__ = ["shift_explorer"]
