"""Lecture 04: ImageNet, its labels and what a network makes of them."""

from cs826tl.lectures.imagenet.explorer import imagenet_explorer

__all__ = ["imagenet_explorer"]
