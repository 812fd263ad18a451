"""Autograders for other people's machines: packed by `cs826tl release`, run once per submission."""
