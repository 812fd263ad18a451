"""Lecture 14: which network to start from."""

from cs826tl.lectures.which_network.explorer import network_chooser
from cs826tl.lectures.which_network.plots import plot_rankings

__all__ = ["network_chooser", "plot_rankings"]
