"""Lecture 04 without a browser: the share in top-5, and the kinds."""

import re

import pytest
import torch

from cs826tl.data.cifar10 import CLASSES, NOUNS
from cs826tl.lectures.imagenet.checks import check_top_5
from cs826tl.networks import wordnet
from cs826tl.verdicts.cards import card

FIVE = torch.tensor([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5], [9, 8, 7, 6, 5], [9, 8, 7, 6, 5]])
TRUTH = torch.tensor([1, 3, 5, 0])  # first, third, last, not at all


def test_a_share_computed_in_plain_python_is_right() -> None:
    rows = zip(TRUTH.tolist(), FIVE.tolist(), strict=True)
    assert check_top_5(sum(t in five for t, five in rows) / 4, FIVE, TRUTH).startswith("✓")


@pytest.mark.parametrize(
    ("share", "why"),
    [
        (0.0, "not computed"),
        (3.0, "divide"),
        (0.25, "top-1"),
        (0.15, "mean over all guesses"),
        (0.5, "among its five"),
    ],
)
def test_a_wrong_share_is_told_why(share: float, why: str) -> None:
    said = check_top_5(share, FIVE, TRUTH)
    assert said.startswith("✗")
    assert why in said


def test_each_of_cifar10_s_kinds_has_a_noun_and_they_share_the_minivan_only() -> None:
    assert tuple(NOUNS) == CLASSES
    below = [wordnet.classes_under(wordnet.search(noun)[0]) for noun in NOUNS.values()]
    assert all(below)
    every = [label for classes in below for label in classes]
    twice = {wordnet.classes()[label].name for label in every if every.count(label) > 1}
    assert twice == {"minivan"}  # to WordNet it is a car and a truck


def test_the_guess_on_work_is_revealed_as_the_trial_found_it() -> None:
    """The lecture reveals *over 30* times: the whole interval of the trial has to lie above it."""
    lowest = re.search(r"takes \d+ \((\d+) to \d+\) times the work", card("C08").numbers[-1])
    assert lowest is not None
    assert int(lowest[1]) > 30
