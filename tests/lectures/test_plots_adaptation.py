"""Pictures of methods between bounds and of graphs: what is drawn is what was given."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from cs826tl.lectures.transductive_transfer import plot_bounds, plot_graph
from cs826tl.lectures.transductive_transfer.plots import DOWN, UP

COLUMNS = ["source only", "adapted", "target-trained"]


def table(up: float, down: float) -> pd.DataFrame:
    return pd.DataFrame([[0.5, up, 0.9], [0.5, down, 0.8]], ["CORAL", "EM"], COLUMNS)


def test_an_arrow_goes_from_source_only_to_adapted() -> None:
    ax = plot_bounds([table(0.6, 0.3), table(0.8, 0.5)])
    arrows = {note.xyann[1]: note for note in ax.texts}
    assert [arrows[k].xyann[0] for k in (0, 1)] == pytest.approx([0.5, 0.5])
    assert [arrows[k].xy[0] for k in (0, 1)] == pytest.approx([0.7, 0.4])
    colours = [arrows[k].arrow_patch.get_edgecolor() for k in (0, 1)]
    assert [to_hex(colour).upper() for colour in colours] == [UP, DOWN]


def test_every_seed_and_both_bounds_are_there() -> None:
    ax = plot_bounds([table(0.6, 0.3), table(0.8, 0.5)])
    drawn = [list(line.get_xdata()) for line in ax.lines if len(line.get_xdata())]
    assert drawn[0] == [0.6, 0.8]
    assert drawn[1] == pytest.approx([0.5, 0.9])
    assert drawn[2] == [0.3, 0.5]
    with pytest.raises(ValueError, match="no table"):
        plot_bounds([])


def test_every_node_is_drawn_once_and_every_tie_once() -> None:
    points = np.arange(10).reshape(5, 2)
    graph = np.zeros((5, 5))
    graph[[0, 1, 1, 2], [1, 0, 2, 1]] = 1
    ax = plot_graph(points, graph, [0, 1, -1, 0, 1], ["a", "b"], [True, True, False, False, False])
    ties, *nodes = ax.collections
    assert len(ties.get_segments()) == 2
    drawn = np.concatenate([dots.get_offsets() for dots in nodes])
    assert sorted(map(tuple, drawn.tolist())) == sorted(map(tuple, points.tolist()))
