"""Lecture 13b: adapting at test time, to what comes in without labels."""

from cs826tl.lectures.test_time.explorer import stream_explorer

__all__ = ["stream_explorer"]
