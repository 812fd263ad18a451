"""Lecture 06: the exercise is told what is wrong, and the figure draws means by size."""

from collections.abc import Callable

import pandas as pd
import pytest
from torch import Tensor

from cs826tl.lectures.cnn_codes.checks import check_pooling
from cs826tl.lectures.cnn_codes.plots import plot_sizes


@pytest.mark.parametrize(
    ("yours", "beginning"),
    [
        (lambda maps: maps.mean(dim=(2, 3)), "Right"),
        (lambda maps: maps.flatten(2).mean(2), "Right"),
        (lambda maps: maps, "Not yet: the shape is (2, 3, 4, 5)"),
        (lambda maps: maps.amax(dim=(2, 3)), "Not yet: the shape is right, but"),
        (lambda maps: None, "Not yet: it returns None"),
    ],
)
def test_pooling_is_checked_at_once(yours: Callable[[Tensor], Tensor], beginning: str) -> None:
    assert check_pooling(yours).startswith(beginning)


def test_a_line_for_every_size_and_a_grey_one_for_random_weights() -> None:
    rows = [
        (task, weights, size, depth)
        for task in ("near", "far")
        for weights in ("imagenet", "random")
        for size in (64, 128)
        for depth in ("pixels", "stage1", "stage2")
    ]
    index = pd.MultiIndex.from_tuples(rows, names=["task", "weights", "size", "depth"])
    table = pd.DataFrame({0: range(24), 1: range(2, 26)}, index=index).astype(float)
    first = plot_sizes(table, {"near": "a", "far": "b"}, {"near": 20.0, "far": 20.0})
    learnt = [line for line in first.lines if line.get_color() not in ("#888888", "black")]
    assert [list(line.get_ydata()) for line in learnt] == [[1, 2, 3], [4, 5, 6]]
    assert [text.get_text() for text in first.texts] == ["random weights", "colours only"]
