"""Lecture 05: VGG16, taken apart."""

from cs826tl.lectures.vgg16.channels import channel_explorer

__all__ = ["channel_explorer"]
