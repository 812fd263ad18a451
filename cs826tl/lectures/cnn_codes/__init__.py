"""Lecture 06: CNN codes, and how deep to cut."""

from cs826tl.lectures.cnn_codes.explorer import depth_probe

__all__ = ["depth_probe"]
