"""Lecture 07: freezing and fine-tuning, in four scenarios."""

from cs826tl.lectures.freezing_vs_finetuning.checks import check_train_mode
from cs826tl.lectures.freezing_vs_finetuning.explorer import scenario_map
from cs826tl.lectures.freezing_vs_finetuning.plots import plot_crossing

__all__ = ["check_train_mode", "plot_crossing", "scenario_map"]
