"""Scores and costs as pictures: what the artists hold is what was given."""

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cs826tl.lectures.applications.plots import plot_costs, plot_scores
from cs826tl.methods.alarms import count_alarms, threshold_costs


def area(corners: np.ndarray) -> float:
    x, y = corners.T
    return abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2


def test_each_kind_fills_the_same_area_however_few_its_rows_are() -> None:
    scores = np.concatenate([np.linspace(-5, 0, 1000), np.linspace(1, 5, 3)])
    labels = np.repeat([0, 1], [1000, 3])
    ax = plot_scores(labels, scores, names=("mail", "spam"), threshold=0.5)
    many, few = ax.patches
    width = 10 / 40
    assert area(many.get_xy()) == pytest.approx(width)
    assert area(few.get_xy()) == pytest.approx(width)
    corners = few.get_xy()
    assert corners[corners[:, 1] > 0, 0].min() == pytest.approx(1, abs=width)  # its least score
    assert few.get_hatch() != many.get_hatch()  # not told by colour alone
    assert set(ax.lines[0].get_xdata()) == {0.5}
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["mail", "spam"]


def test_without_a_threshold_there_is_no_line() -> None:
    assert not plot_scores([0, 1], [0.0, 1.0]).lines


def test_costs_are_lines_with_a_mark_at_the_cheapest() -> None:
    labels, scores = [0, 0, 1, 1], [0.1, 0.6, 0.4, 0.9]
    costs = threshold_costs(labels, scores, miss=10, false_alarm=1)
    ax = plot_costs({"films": costs, "tweets": costs}, threshold=0.3)
    curve, mark = ax.lines[:2]
    assert curve.get_ydata() == pytest.approx(costs.costs)
    assert mark.get_xydata().tolist() == [[0.4, 1.0]]
    assert curve.get_drawstyle() == "steps-post"  # from a threshold down to the next: its cost
    for (high, low), cost in zip(pairwise(costs.thresholds[1:]), costs.costs[1:], strict=False):
        between = count_alarms(labels, scores, (high + low) / 2)
        assert between.cost(miss=10, false_alarm=1) == cost
    assert ax.lines[3].get_marker() != mark.get_marker()
    assert set(ax.lines[4].get_xdata()) == {0.3}
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["films", "tweets"]


def test_they_draw_into_the_axes_given() -> None:
    _, ax = plt.subplots()
    assert plot_scores([0, 1], [0.0, 1.0], ax) is ax
    assert plot_costs({"a": threshold_costs([0, 1], [0.0, 1.0], miss=1, false_alarm=1)}, ax) is ax
