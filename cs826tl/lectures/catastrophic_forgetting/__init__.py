"""Lecture 09: catastrophic forgetting, and what it costs to prevent it."""

from cs826tl.lectures.catastrophic_forgetting.explorer import forgetting_explorer

__all__ = ["forgetting_explorer"]
