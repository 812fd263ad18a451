"""Lecture 10: transfer without target labels."""

from cs826tl.lectures.transductive_transfer.lineup import line_up
from cs826tl.lectures.transductive_transfer.plots import plot_bounds, plot_graph
from cs826tl.lectures.transductive_transfer.spreading import spreading_explorer

__all__ = ["line_up", "plot_bounds", "plot_graph", "spreading_explorer"]
