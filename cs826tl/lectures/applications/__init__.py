"""Lecture 12: what one would deploy, and what could go wrong."""

from cs826tl.lectures.applications.explorer import alarm_explorer
from cs826tl.lectures.applications.plots import plot_alarms, plot_costs, plot_scores

__all__ = ["alarm_explorer", "plot_alarms", "plot_costs", "plot_scores"]
