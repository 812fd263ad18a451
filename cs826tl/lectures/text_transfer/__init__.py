"""Lecture 11: text transfer."""

from cs826tl.lectures.text_transfer.explorer import text_probe
from cs826tl.lectures.text_transfer.plots import plot_effects

__all__ = [
    "plot_effects",
    "text_probe",
]
