"""Pictures of codes: depths with their bands, points by class, neighbours."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from cs826tl.data.tasks import Split, Task
from cs826tl.lectures.cnn_codes.plots import plot_depths, plot_neighbours
from cs826tl.lectures.why_transfer.plots import plot_domains
from cs826tl.plots import plot_bands, plot_embedding
from cs826tl.plots.embedding import CLASS_MARKERS
from cs826tl.plots.style import LINES

NEAR = pd.DataFrame({0: [0.2, 0.8, 0.6], 1: [0.4, 0.6, 0.6]}, index=["pixels", "stage1", "stage2"])
FAR = NEAR / 2


def legend(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_depths_are_mean_lines_in_bands_from_the_least_to_the_most() -> None:
    ax = plot_bands({"near": NEAR.rename_axis("depth"), "far": FAR}, label="validation accuracy")
    assert [line.get_ydata().tolist() for line in ax.lines] == [
        pytest.approx([0.3, 0.7, 0.6]),
        pytest.approx([0.15, 0.35, 0.3]),
    ]
    band = ax.collections[0].get_paths()[0].vertices
    for x, (low, high) in enumerate([(0.2, 0.4), (0.6, 0.8), (0.6, 0.6)]):
        heights = band[band[:, 0] == x][:, 1]
        assert (heights.min(), heights.max()) == pytest.approx((low, high))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["pixels", "stage1", "stage2"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("depth", "validation accuracy")
    assert legend(ax) == ["near", "far"]
    assert len({line.get_marker() for line in ax.lines}) == 2  # not told by colour alone


def test_depths_take_numbers_of_labels_too_and_refuse_rows_that_differ() -> None:
    ax = plot_bands({"codes": NEAR.set_axis([1, 5, 20]).rename_axis("labels per class")})
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "5", "20"]
    assert ax.get_xlabel() == "labels per class"
    with pytest.raises(ValueError, match=r"'far' has the rows \['stage1'"):
        plot_bands({"near": NEAR, "far": FAR.drop("pixels")})
    with pytest.raises(ValueError, match="nothing to draw: give a table"):
        plot_bands({})


def test_every_point_has_the_colour_and_the_mark_of_its_class() -> None:
    points = np.array([[0, 0], [1, 2], [2, 4], [3, 6], [4, 8]])
    labels = torch.tensor([1, 0, 1, 2, 0])
    ax = plot_embedding(points, labels, ["cat", "coffee", "rocket", "none"])
    drawn = {c.get_label(): c.get_offsets().tolist() for c in ax.collections}
    assert drawn == {
        "cat": [[1, 2], [4, 8]],
        "coffee": [[0, 0], [2, 4]],
        "rocket": [[3, 6]],
        "none": [],
    }
    assert legend(ax) == list(drawn)
    assert not ax.get_xticks().size
    assert not ax.get_yticks().size


def test_ten_classes_have_ten_marks_and_thirty_have_no_pair_in_common() -> None:
    labels = np.arange(30)
    ax = plot_embedding(np.zeros((30, 2)), labels, [str(k) for k in labels])
    shapes = [c.get_paths()[0].vertices.round(3).tobytes() for c in ax.collections]
    colours = [to_hex(c.get_facecolor()[0]).upper() for c in ax.collections]
    assert len(set(shapes[:10])) == 10 == len(CLASS_MARKERS)
    assert len(set(zip(shapes, colours, strict=True))) == 30
    assert set(colours) == set(LINES)


def test_neighbours_stand_beside_their_picture_and_strangers_are_marked() -> None:
    # picture k has a bright spot at place k, so that it is known again whatever its brightness
    spots = (255 * torch.eye(6, dtype=torch.uint8)).view(6, 1, 2, 3)
    train = Split(spots, torch.tensor([0, 1, 0, 1, 0, 1]))
    held_out = Split(spots.flip(0)[:2], torch.tensor([0, 1]))
    task = Task("spots", ("dark", "light"), train, held_out, held_out, "a test")
    neighbours = {"pixels": [[2, 1], [3, 5]], "codes": np.array([[4, 0], [0, 1]])}
    axes = plot_neighbours(task, [1, 0], neighbours).figure.axes
    assert [int(np.argmax(ax.images[0].get_array())) for ax in axes] == [
        4,
        2,
        1,
        4,
        0,
        5,
        3,
        5,
        0,
        1,
    ]
    assert [ax.get_title() for ax in axes] == [
        *["light:", "pixels ✗", "pixels", "codes ✗", "codes ✗"],
        *["dark:", "pixels ✗", "pixels ✗", "codes", "codes ✗"],
    ]


def test_they_draw_into_the_axes_given() -> None:
    _, (left, right) = plt.subplots(1, 2)
    assert plot_bands({"near": NEAR}, left) is left
    assert plot_embedding([[0, 0]], [0], ["cat"], right) is right
    assert plt.get_fignums() == [left.figure.number]


def test_depths_stand_beside_guessing_and_the_chosen_one_is_hatched() -> None:
    accuracy = {"block1": 0.6, "block2": 0.9}
    ax = plot_depths(accuracy, "block2", [[0, 0], [1, 2]], [0, 1], ["a", "b", "c", "d"])
    bars, plane = ax.child_axes
    assert [bar.get_height() for bar in bars.patches] == [0.6, 0.9]
    assert [bar.get_hatch() for bar in bars.patches] == [None, "//"]
    (guessing,) = bars.lines
    assert set(guessing.get_ydata()) == {1 / 4}  # one of four classes
    assert legend(bars) == ["guessing"]
    drawn = {dots.get_label(): dots.get_offsets().tolist() for dots in plane.collections}
    assert drawn == {"a": [[0, 0]], "b": [[1, 2]], "c": [], "d": []}


def test_the_points_of_a_domain_are_named_as_its_picture_is() -> None:
    pictures = {"train on": np.zeros((4, 4)), "test on": np.ones((4, 4))}
    ax = plot_domains(pictures, [[0, 0], [1, 1], [2, 2]], [0, 1, 1])
    *shown, points = ax.child_axes
    assert {inset.get_title(): inset.images[0].get_array().mean() for inset in shown} == {
        "train on": 0,
        "test on": 1,
    }
    drawn = {dots.get_label(): dots.get_offsets().tolist() for dots in points.collections}
    assert drawn == {"train on": [[0, 0]], "test on": [[1, 1], [2, 2]]}
    assert legend(points) == ["train on", "test on"]
