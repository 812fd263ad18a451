"""Lecture 11: text transfer."""

from cs826tl.lectures.text_transfer.effects import read_texts, word_effects
from cs826tl.lectures.text_transfer.explorer import text_probe
from cs826tl.lectures.text_transfer.measured_codes import codes_table
from cs826tl.lectures.text_transfer.plots import plot_effect_rows, plot_effects

__all__ = [
    "codes_table",
    "plot_effect_rows",
    "plot_effects",
    "read_texts",
    "text_probe",
    "word_effects",
]
