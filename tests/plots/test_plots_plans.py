"""Pictures of plans and audits: what is drawn is what was planned and what moved."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from cs826tl.data.loading import load_task
from cs826tl.networks.published import load_backbone
from cs826tl.plots import plot_movement, plot_plan
from cs826tl.training.plans import Plan
from cs826tl.training.schedules import ulmfit_plan

FROZEN, FOUND_OUT = "frozen, did not move", "claimed frozen, in fact moved"


def plan(**options: float) -> Plan:
    model = load_backbone("small_vgg", weights="random")
    return ulmfit_plan(model, load_task("digits", shots=8), epochs=5, lr=0.01, **options)


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def curves(ax: Axes) -> dict[str, np.ndarray]:
    return {
        str(line.get_label()): line.get_xydata() for line in ax.lines if len(line.get_xdata()) > 1
    }


@pytest.mark.parametrize(
    "options", [{}, {"factor": 1}, {"stages_per_epoch": math.inf}, {"ratio": 1}]
)
def test_every_curve_is_a_parts_rates_from_its_waking_on(options: dict[str, float]) -> None:
    drawn = plan(**options)
    found = curves(plot_plan(drawn))
    assert list(found) == ["head", "fc", "block3", "block2", "block1"]
    for k, name in enumerate(drawn.parts):
        x, y = found[name].T
        np.testing.assert_allclose(x, np.arange(15) / 3)
        rates = drawn.rates[:, :, k].ravel()
        np.testing.assert_allclose(y, np.where(rates > 0, rates, np.nan))


def test_dots_mark_where_each_part_wakes() -> None:
    ax = plot_plan(plan())
    dots = [tuple(line.get_xydata()[0]) for line in ax.lines if len(line.get_xdata()) == 1]
    assert [x for x, _ in dots] == [0, 1, 2, 3, 4]
    assert texts(ax) == ["head", "fc", "block3", "block2", "block1"]


def test_parts_that_wake_together_share_a_name_and_lie_inside_each_other() -> None:
    ax = plot_plan(plan(factor=1, stages_per_epoch=math.inf))
    assert texts(ax) == ["head to block1"]
    widths = [line.get_linewidth() for line in ax.lines if len(line.get_xdata()) > 1]
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == 5


def test_the_axis_is_logarithmic_only_where_rates_differ() -> None:
    assert plot_plan(plan(factor=1)).get_yscale() == "linear"
    assert plot_plan(plan()).get_yscale() == "log"


def test_what_never_wakes_is_not_drawn() -> None:
    ax = plot_plan(Plan(("low", "head"), np.array([[[0.0, 0.1], [0.0, 0.2]]])))
    assert list(curves(ax)) == ["head"]


def audit_of(**parts: tuple[float, str]) -> pd.DataFrame:
    rows = {
        name: {
            "claimed": "trainable" if verdict.startswith("trainable") else "frozen",
            "largest change": change,
            "verdict": verdict,
        }
        for name, (change, verdict) in parts.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


AUDITS = [
    audit_of(low=(0.0, FROZEN), mid=(0.0, FOUND_OUT), head=(0.02, "trainable, moved")),
    audit_of(low=(0.0, FROZEN), mid=(0.003, "trainable, moved"), head=(0.05, "trainable, moved")),
]


def test_movement_is_drawn_part_by_part_and_epoch_by_epoch() -> None:
    ax = plot_movement(AUDITS)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["head", "mid", "low"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2"]
    (image,) = ax.images
    moved = image.get_array()
    assert moved is not None
    assert np.ma.filled(moved, 0).tolist() == [[0.02, 0.05], [0.0, 0.003], [0.0, 0.0]]
    assert image.norm.vmin == pytest.approx(1e-3)
    assert image.norm.vmax == pytest.approx(0.1)


def test_what_stood_still_is_hatched_and_what_was_found_out_is_crossed() -> None:
    ax = plot_movement(AUDITS)
    hatched = {patch.get_xy() for patch in ax.patches if isinstance(patch, Rectangle)}
    assert hatched == {(-0.5, 1.5), (0.5, 1.5)}  # the lowest row, both epochs
    assert all(patch.get_hatch() for patch in ax.patches)
    (cross,) = ax.lines
    assert (cross.get_marker(), *cross.get_xydata()[0]) == ("X", 0, 1)
    assert ax.get_legend() is not None


@pytest.mark.parametrize("change", [0.0, 0.01, 5.0, math.inf])
def test_any_change_can_be_drawn(change: float) -> None:
    plot_movement([audit_of(head=(change, "trainable, moved"))]).get_figure().canvas.draw()
    assert plot_movement([audit_of(head=(change, "trainable, moved"))]).get_legend() is None


def test_both_draw_where_they_are_told() -> None:
    _, (left, right) = plt.subplots(1, 2)
    assert plot_plan(plan(), left) is left
    assert plot_movement(AUDITS, right) is right


def test_pictures_side_by_side_can_share_one_scale() -> None:
    _, axes = plt.subplots(1, 2)
    for change, ax in zip((0.002, 0.05), axes, strict=True):
        plot_movement([audit_of(head=(change, "trainable, moved"))], ax, limits=(1e-4, 1e-1))
    assert [ax.images[0].get_clim() for ax in axes] == [(1e-4, 1e-1)] * 2
    one, other = (ax.images[0].to_rgba(ax.images[0].get_array()).tolist() for ax in axes)
    assert one != other  # two changes, two colours
