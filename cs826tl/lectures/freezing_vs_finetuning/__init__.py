"""Lecture 07: freezing and fine-tuning, in four scenarios."""

from cs826tl.lectures.freezing_vs_finetuning.explorer import scenario_map
from cs826tl.lectures.freezing_vs_finetuning.plots import plot_scenarios

__all__ = ["plot_scenarios", "scenario_map"]
