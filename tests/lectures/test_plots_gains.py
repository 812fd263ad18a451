"""The picture of gains: a named point for each run, and room for all of them."""

import matplotlib.pyplot as plt
import pytest

from cs826tl.lectures.multitask.plots import plot_gains

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
