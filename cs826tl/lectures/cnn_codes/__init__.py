"""Lecture 06: CNN codes, and how deep to cut."""

from cs826tl.lectures.cnn_codes.explorer import depth_probe
from cs826tl.lectures.cnn_codes.plots import plot_neighbours

__all__ = ["depth_probe", "plot_neighbours"]
