"""The line explorer and the budget explorer without a browser: measured, set, drawn and said."""

import numpy as np
import pandas as pd
import pytest

from cs826tl import evaluate, load_backbone, load_task
from cs826tl.lectures.robust_and_cheap import budget_explorer, line_explorer, plot_interpolation
from cs826tl.lectures.robust_and_cheap.plots import plot_budget
from cs826tl.methods.averaging import interpolate

WAYS = pd.DataFrame(
    {
        "target": [0.80, 0.90, 0.95],
        "source": [0.90, 0.70, 0.40],
        "bytes": [1e3, 1e4, 1e5],
        "seconds": [0.5, 3.0, 2.0],
    },
    index=["head", "LoRA", "all"],
)


def test_every_point_of_the_line_is_measured_on_the_mixed_network() -> None:
    ends = [load_backbone("small_vgg", weights="random", size=8, seed=seed) for seed in (0, 1)]
    task = load_task("digits", shots=1)
    explorer = line_explorer(*ends, {"digits": task})
    explorer.set("weight", 0.3)
    accuracy = evaluate(interpolate(*ends, 0.3), task, "validation")
    assert f"digits {accuracy:.2f}." in explorer.state["status"]
    (table,) = explorer.state["tables"]
    first, second = (f"{evaluate(end, task, 'validation'):.2f}" for end in ends)
    assert list(table["rows"][0]) == ["digits", first, f"{accuracy:.2f}", second]
    assert explorer.picture.startswith("data:image/png")
    assert not explorer.state["alert"]


def test_the_weight_that_is_set_is_marked() -> None:
    line = pd.DataFrame({"a": [0.1, 0.4], "b": [0.9, 0.2]}, index=[0.0, 1.0])
    ax = plot_interpolation(line, 0.7)
    *curves, mark = ax.lines
    for curve, task in zip(curves, line, strict=True):
        assert list(curve.get_ydata()) == list(line[task])
    assert list(mark.get_xdata()) == [0.7, 0.7]


@pytest.mark.parametrize(
    ("resource", "budget", "floor", "winner"),
    [
        ("bytes", 1, 0, "all"),
        ("bytes", 0.5, 0, "LoRA"),
        ("bytes", 0, 0, "head"),
        ("bytes", 1, 0.5, "LoRA"),
        ("bytes", 0.95, 0.8, "head"),
        ("seconds", 1, 0.45, "LoRA"),
        ("seconds", 0.8, 0.45, "head"),
        ("seconds", 0.8, 0, "all"),
        ("bytes", 1, 0.95, "no way"),
    ],
)
def test_the_best_way_within_the_budget_and_above_the_floor_wins(
    resource: str, budget: float, floor: float, winner: str
) -> None:
    explorer = budget_explorer(WAYS)
    for name, value in (("resource", resource), ("budget", budget), ("floor", floor)):
        explorer.set(name, value)
    assert f": {winner} " in explorer.state["status"]
    assert not explorer.state["alert"]


def test_what_is_not_allowed_is_hollow_and_the_winner_is_a_star() -> None:
    ax = plot_budget(WAYS, "bytes", 2e4, ["head", "LoRA"], "LoRA")
    *points, line = ax.lines
    assert [point.get_marker() for point in points] == ["o", "*", "o"]
    assert [point.get_markerfacecolor() == "white" for point in points] == [False, False, True]
    assert np.allclose(line.get_xdata(), 2e4)
    assert [text.get_text() for text in ax.texts] == list(WAYS.index)


def test_a_table_that_cannot_be_explored_is_refused() -> None:
    for wrong in (WAYS.drop(columns="source"), WAYS[["target", "source"]], WAYS[:0]):
        with pytest.raises(ValueError, match="give target, source"):
            budget_explorer(wrong)
    with pytest.raises(ValueError, match="above 0"):
        budget_explorer(WAYS.assign(bytes=0))
