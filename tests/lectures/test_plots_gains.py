"""The pictures of lecture 03: gains by run, pulls and their sum, percentages, shares of a code."""

import matplotlib.pyplot as plt
import pytest

from cs826tl.lectures.multitask.plots import (
    PULLS,
    plot_code,
    plot_gains,
    plot_pulls,
)

RUNS = {"loop": (0.3, 0.1), "coin": (-0.05, -0.12)}


def test_every_run_is_a_named_point() -> None:
    ax = plot_gains(RUNS)
    points = [tuple(line.get_xydata()[0]) for line in ax.lines if line.get_marker() == "o"]
    assert points == list(RUNS.values())
    named = {text.get_text(): text.xy for text in ax.texts if hasattr(text, "xy")}
    assert named == RUNS
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "cosine of the tasks' gradients",
        "accuracy gained together",
    )


@pytest.mark.parametrize("far", [(0.95, 0.6), (-0.9, -0.7)])
def test_there_is_room_for_all_and_for_both_signs(far: tuple[float, float]) -> None:
    ax = plot_gains({**RUNS, "far": far})
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    assert left < far[0] < right
    assert bottom < far[1] < top
    assert left < 0 < right
    assert bottom < 0 < top


def test_without_a_run_the_axes_are_there() -> None:
    _, ax = plt.subplots()
    assert plot_gains({}, ax) is ax
    assert "same way →" in [text.get_text() for text in ax.texts]


def test_a_sum_is_the_sum_of_the_two_pulls_and_each_title_says_what_they_do() -> None:
    for panel, (title, (one, two)) in zip(plot_pulls().figure.axes, PULLS.items(), strict=True):
        assert panel.get_title() == title
        tips = {text.get_text(): text.xy for text in panel.texts if text.get_text()}
        assert tips == {"task 1": one, "task 2": two, "sum": (one[0] + two[0], one[1] + two[1])}
    cosines = [one[0] * two[0] + one[1] * two[1] for one, two in PULLS.values()]
    assert cosines[0] > 0 == cosines[1] > cosines[2]


def test_the_pieces_of_a_bar_fill_it() -> None:
    ax = plot_code({"alone": (60.0, 1.0), "pen": (30.0, 29.0)}, ("digit", "pen"))
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == [60.0, 1.0, 39.0, 30.0, 29.0, 41.0]
    assert [bar.get_x() for bar in ax.patches] == [0.0, 60.0, 61.0, 0.0, 30.0, 59.0]
