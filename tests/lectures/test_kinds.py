"""The kinds of transfer: the survey's table, and the map that draws it."""

from itertools import product
from typing import Any

import pytest
from matplotlib.patches import Rectangle

from cs826tl.lectures.kinds_of_transfer.kinds import KINDS, kind_of_transfer
from cs826tl.lectures.kinds_of_transfer.plots import plot_kinds, plot_leans, plot_two

# Pan and Yang 2010, table 2: labels in the source, labels in the target, what it is called.
SURVEY = [
    (True, True, "inductive"),
    (False, True, "inductive"),
    (True, False, "transductive"),
    (False, False, "unsupervised"),
]


@pytest.mark.parametrize(("source", "target", "name"), SURVEY)
def test_the_answers_name_the_kind_as_the_survey_does(
    source: bool, target: bool, name: str
) -> None:
    assert kind_of_transfer(target_labels=target, source_labels=source).name == name


def test_the_tasks_are_the_slides() -> None:
    assert {kind.name: kind.tasks for kind in KINDS} == {
        "inductive": ("classification", "regression"),
        "transductive": ("classification", "regression"),
        "unsupervised": ("clustering", "dimensionality reduction"),
    }


@pytest.mark.parametrize("answer", ["no", 0, None])
def test_an_answer_that_is_neither_true_nor_false_is_refused(answer: Any) -> None:
    with pytest.raises(TypeError, match=r"target_labels=.*True or False"):
        kind_of_transfer(target_labels=answer, source_labels=True)
    with pytest.raises(TypeError, match=r"source_labels=.*True or False"):
        kind_of_transfer(target_labels=True, source_labels=answer)


def test_the_map_names_the_kind_of_every_field() -> None:
    ax = plot_kinds(placed={(False, True): "2, 4"})
    words = {text.get_position(): text.get_text() for text in ax.texts}
    for target, source in product((True, False), repeat=2):
        kind = kind_of_transfer(target_labels=target, source_labels=source).name
        expected = f"{kind}\n2, 4" if (target, source) == (False, True) else kind
        assert words[(0.5 if source else 1.5, 1.5 if target else 0.5)] == expected
    columns = dict(zip(ax.get_xticks(), ax.get_xticklabels(), strict=True))
    rows = dict(zip(ax.get_yticks(), ax.get_yticklabels(), strict=True))
    assert "none" not in columns[0.5].get_text() + rows[1.5].get_text()
    assert "none" in columns[1.5].get_text()
    assert "none" in rows[0.5].get_text()


def test_the_kinds_differ_in_pattern_not_only_in_colour() -> None:
    fields = [p for p in plot_kinds().patches if isinstance(p, Rectangle)]
    assert len(fields) == 4
    assert len({p.get_hatch() for p in fields}) == len(KINDS)


@pytest.mark.parametrize("chosen", list(product((True, False), repeat=2)))
def test_the_frame_lies_in_the_chosen_field(chosen: tuple[bool, bool]) -> None:
    (frame,) = [p for p in plot_kinds(chosen=chosen).patches if not p.get_fill()]
    target, source = chosen
    assert isinstance(frame, Rectangle)
    across, up = frame.get_center()
    assert (int(across), int(up)) == (0 if source else 1, 1 if target else 0)


def test_both_questions_have_a_panel_with_the_ways_in_order() -> None:
    found = {"alone": (60.0, 2.1), "aligned": (63.0, 9.5)}
    left = plot_two(found)
    _, right = left.figure.axes
    assert [text.get_text() for text in left.get_yticklabels()] == list(found)
    assert [bar.get_width() for bar in left.patches] == [60.0, 63.0]
    assert [bar.get_width() for bar in right.patches] == [2.1, 9.5]
    assert left.get_ylim()[0] > left.get_ylim()[1]  # the first way is on top


def test_each_group_s_mean_lean_is_marked() -> None:
    ax = plot_leans({"MNIST": [5.0, 15.0, 10.0], "UCI": [-4.0, 2.0]})
    assert [line.get_xdata()[0] for line in ax.lines] == [10.0, -1.0]
    tallest = min(bar.get_height() for bar in ax.patches)
    assert tallest == pytest.approx(-0.8)
