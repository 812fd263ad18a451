"""Lecture 13: robust and cheap fine-tuning."""

from cs826tl.lectures.robust_and_cheap.budgets import budget_explorer
from cs826tl.lectures.robust_and_cheap.lines import line_explorer
from cs826tl.lectures.robust_and_cheap.measured_adapters import adapters_table
from cs826tl.lectures.robust_and_cheap.plots import plot_budget, plot_mixing

__all__ = ["adapters_table", "budget_explorer", "line_explorer", "plot_budget", "plot_mixing"]
