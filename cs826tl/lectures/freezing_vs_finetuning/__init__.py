"""Lecture 07: freezing and fine-tuning, in four scenarios."""

from cs826tl.lectures.freezing_vs_finetuning.explorer import scenario_map

__all__ = ["scenario_map"]
