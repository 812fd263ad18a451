"""The spreading explorer without a browser: its labels are those of `spread_labels`."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from cs826tl.lectures.transductive_transfer import spreading_explorer
from cs826tl.lectures.transductive_transfer.spreading import SpreadingExplorer
from cs826tl.methods.adaptation import blind_pair, neighbour_graph, spread_labels

PAIR = blind_pair("digits")


@pytest.fixture
def explorer() -> SpreadingExplorer:
    return SpreadingExplorer(PAIR)


def test_at_the_start_nobody_but_the_given_has_a_label(explorer: SpreadingExplorer) -> None:
    rows, told, truth = explorer.nodes()
    assert (explorer.reached() == told).all()
    assert (told >= 0).sum() == 15
    assert (truth[told >= 0] == told[told >= 0]).all()
    assert len(rows) == 15 + 120


def test_each_step_is_the_librarys(explorer: SpreadingExplorer) -> None:
    explorer.set("alpha", 0.6)
    explorer.set("neighbours", 3)
    rows, told, _ = explorer.nodes()
    steps = spread_labels(neighbour_graph(rows, 3), told, alpha=0.6, steps=7)
    for step in (1, 7):
        explorer.set("step", step)
        expected = np.where(steps[step].sum(1) > 0, steps[step].argmax(1), -1)
        assert (explorer.reached() == expected).all()


def test_labels_reach_more_digits_with_each_step(explorer: SpreadingExplorer) -> None:
    counts = []
    for step in (0, 1, 2, 5, 20):
        explorer.set("step", step)
        counts.append((explorer.reached() >= 0).sum())
    assert counts == sorted(counts)
    assert counts[-1] > counts[1] > counts[0]


def test_labels_in_the_target_itself_go_further(explorer: SpreadingExplorer) -> None:
    right = {}
    explorer.set("step", 20)
    for where in ("source", "target"):
        explorer.set("given", where)
        _, told, truth = explorer.nodes()
        right[where] = (explorer.reached() == truth)[told < 0].mean()
    assert right["target"] > 0.9
    assert right["target"] > right["source"]


def test_given_digits_of_the_target_are_not_among_those_to_find(
    explorer: SpreadingExplorer,
) -> None:
    explorer.set("given", "target")
    explorer.set("told", 10)
    rows, told, _ = explorer.nodes()
    distances = np.abs(rows[told >= 0][:, None] - rows[told < 0][None]).sum(2)
    assert distances.min() > 0


def test_status_table_and_picture_say_the_same(explorer: SpreadingExplorer) -> None:
    explorer.set("step", 3)
    view, (_, told, truth) = explorer.view(), explorer.nodes()
    there = (told < 0) & (explorer.reached() >= 0)
    right = (there & (explorer.reached() == truth)).sum()
    assert f"Step 3: {there.sum()} of 120 digits" in view.status
    assert f"and {right} of those are right" in view.status
    assert sum(int(row[1]) for row in view.tables[0].rows) == there.sum()
    assert sum(int(row[2]) for row in view.tables[0].rows) == right
    ax = Figure().add_subplot()
    assert view.draw is not None
    view.draw(ax)
    drawn = sum(len(dots.get_offsets()) for dots in ax.collections[1:])
    assert drawn == 135


def test_every_end_of_every_control_can_be_shown(explorer: SpreadingExplorer) -> None:
    for control in explorer.controls():
        for value in (
            control.options if hasattr(control, "options") else (control.low, control.high)
        ):
            explorer.set(control.name, value)
            assert "digits of UCI" in explorer.view().status


def test_a_stored_notebook_keeps_a_picture_and_what_can_be_set() -> None:
    stored = spreading_explorer(PAIR).stand_in()
    assert 'alt="Digits as nodes of a graph' in stored
    assert "0 to 20 in steps of 1" in stored


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="a class has 5 rows; the graph draws 10 of each"):
        spreading_explorer(blind_pair("digits", shots=5))
