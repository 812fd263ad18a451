"""Estimates with their intervals: what the artists hold is what was given."""

import matplotlib.pyplot as plt

from cs826tl.plots import plot_intervals


def test_each_row_has_its_value_and_its_interval() -> None:
    ax = plot_intervals({"a": (0.5, 0.4, 0.6), "b": (0.9, 0.85, 0.95)}, chance=0.25, label="share")
    data = [list(map(tuple, line.get_xydata())) for line in ax.lines]
    assert data[:4] == [[(0.4, 0), (0.6, 0)], [(0.5, 0)], [(0.85, 1), (0.95, 1)], [(0.9, 1)]]
    assert set(ax.lines[4].get_xdata()) == {0.25}
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b"]
    assert ax.get_xlabel() == "share"
    bottom, top = ax.get_ylim()
    assert bottom > top  # the first row is at the top


def test_it_draws_into_the_axes_given() -> None:
    _, ax = plt.subplots()
    assert plot_intervals({"a": (0.5, 0.4, 0.6)}, ax) is ax
    assert plt.get_fignums() == [ax.figure.number]
