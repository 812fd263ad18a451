"""Lecture 02: the kinds of transfer."""

from cs826tl.lectures.kinds_of_transfer.explorer import kind_sorter

__all__ = ["kind_sorter"]
