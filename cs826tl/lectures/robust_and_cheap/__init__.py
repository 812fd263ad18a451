"""Lecture 13: robust and cheap fine-tuning."""

from cs826tl.lectures.robust_and_cheap.budgets import budget_explorer
from cs826tl.lectures.robust_and_cheap.lines import line_explorer
from cs826tl.lectures.robust_and_cheap.plots import plot_interpolation

__all__ = [
    "budget_explorer",
    "line_explorer",
    "plot_interpolation",
]
