"""Lecture 05: VGG16, taken apart."""

from cs826tl.lectures.vgg16.channels import channel_explorer
from cs826tl.lectures.vgg16.counting import check_counts
from cs826tl.lectures.vgg16.measures import colours, one_kind
from cs826tl.lectures.vgg16.plots import plot_best, plot_kinds, plot_price, plot_shares

__all__ = [
    "channel_explorer",
    "check_counts",
    "colours",
    "one_kind",
    "plot_best",
    "plot_kinds",
    "plot_price",
    "plot_shares",
]
