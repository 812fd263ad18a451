"""Bars of guesses and circles of networks: what the artists hold is what was given."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from cs826tl.plots import plot_guesses
from cs826tl.plots.predictions import plot_top_k

PICTURE = torch.arange(48, dtype=torch.uint8).reshape(3, 4, 4)


def bars(ax: Axes) -> list[float]:
    return [patch.get_width() for patch in ax.patches]


def ticks(ax: Axes) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


def test_a_bar_for_each_class_the_best_on_top() -> None:
    ax = plot_top_k([0.6, 0.3, 0.05], ["jeep", "pickup", "racer"])
    assert bars(ax) == [0.6, 0.3, 0.05]
    assert ticks(ax) == ["jeep", "pickup", "racer"]
    assert ax.yaxis_inverted()


def test_the_truth_is_told_by_a_tick_and_a_pattern_not_by_colour_alone() -> None:
    ax = plot_top_k([0.6, 0.3], ["jeep", "pickup"], truth="pickup")
    assert ticks(ax) == ["jeep", "✓ pickup"]
    assert [bool(bar.get_hatch()) for bar in ax.patches] == [False, True]
    assert len({to_hex(bar.get_facecolor()) for bar in ax.patches}) == 2


def test_the_picture_stands_beside_the_bars() -> None:
    ax = plot_top_k([0.6, 0.3], ["jeep", "pickup"], picture=PICTURE)
    (beside,) = ax.child_axes
    assert np.array_equal(beside.images[0].get_array(), PICTURE.permute(1, 2, 0).numpy())
    ax.figure.canvas.draw()
    left = beside.get_window_extent().x0
    assert left > ax.transData.transform((1, 0))[0]  # even a bar of 1 ends before it


def test_every_picture_has_its_own_bars_and_its_own_truth() -> None:
    pictures = torch.stack([PICTURE, PICTURE + 1, PICTURE + 2])
    shares = torch.tensor([[0.5, 0.25], [0.75, 0.125], [1.0, 0.0]])
    labels = torch.tensor([[0, 1], [1, 2], [2, 0]])
    first = plot_guesses(pictures, shares, labels, ["a", "b", "c"], ["a", "a", None])
    axes = first.figure.axes
    assert [bars(ax) for ax in axes if ax.axison] == shares.tolist()
    assert [ticks(ax) for ax in axes if ax.axison] == [["✓ a", "b"], ["b", "c"], ["c", "a"]]
    drawn = [ax.child_axes[0].images[0].get_array()[0, 0, 0] for ax in axes if ax.axison]
    assert drawn == [0, 1, 2]
