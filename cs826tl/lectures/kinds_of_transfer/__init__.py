"""Lecture 02: the kinds of transfer."""

from cs826tl.lectures.kinds_of_transfer.explorer import kind_sorter
from cs826tl.lectures.kinds_of_transfer.kinds import kind_of_transfer

__all__ = ["kind_of_transfer", "kind_sorter"]
