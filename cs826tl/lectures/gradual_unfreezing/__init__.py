"""Lecture 08: schedules of rates and of unfreezing, and what a fair contest between them takes."""

from cs826tl.lectures.gradual_unfreezing.checks import check_fair
from cs826tl.lectures.gradual_unfreezing.explorer import schedule_designer
from cs826tl.lectures.gradual_unfreezing.plots import plot_rates

__all__ = ["check_fair", "plot_rates", "schedule_designer"]
