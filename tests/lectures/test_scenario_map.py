"""The scenario map without a browser: the advice, the missions, the curves; and the exercise."""

import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure

from cs826tl import load_backbone, load_task, train_mode
from cs826tl.lectures.freezing_vs_finetuning import scenario_map
from cs826tl.lectures.freezing_vs_finetuning.checks import check_train_mode
from cs826tl.lectures.freezing_vs_finetuning.experiments import recorded_cells
from cs826tl.lectures.freezing_vs_finetuning.explorer import (
    ALL,
    EARLIER,
    HIGHEST,
    LINEAR,
    STRATEGIES,
)
from cs826tl.lectures.freezing_vs_finetuning.plots import plot_crossing

TASKS, REAL = ("near", "far"), ("cifar10", "mnist_70k")
MEANS = {
    ("near", 5): (0.6, 0.5, 0.55, 0.4),
    ("near", 40): (0.7, 0.6, 0.72, 0.75),
    ("near", 200): (0.75, 0.65, 0.8, 0.85),
    ("far", 5): (0.5, 0.7, 0.6, 0.5),
    ("far", 40): (0.8, 0.9, 0.9, 0.96),
    ("far", 200): (0.85, 0.95, 0.96, 0.98),
}


@pytest.fixture
def table() -> pd.DataFrame:
    rows = [
        (task, shots, seed, way, accuracy + shift)
        for (task, shots), four in MEANS.items()
        for seed, shift in enumerate((-0.01, 0.01))
        for way, accuracy in zip(STRATEGIES, four, strict=True)
    ]
    return pd.DataFrame(rows, columns=["task", "shots", "seed", "way", "accuracy"])


def met(table: pd.DataFrame, similarity: str, size: int, pick: str) -> list[bool]:
    controller = scenario_map(table, *TASKS if TASKS[0] in set(table["task"]) else REAL).controller
    controller.set("similarity", similarity)
    controller.set("size", str(size))
    controller.set("pick", pick)
    (missions,) = controller.view().tables
    return [row[1] == "✓ met" for row in missions.rows]


@pytest.mark.parametrize(
    ("similarity", "size", "pick", "expected"),
    [
        ("similar: near", 5, LINEAR, [True, False, False]),
        ("similar: near", 5, HIGHEST, [False, False, False]),
        ("similar: near", 40, ALL, [False, True, True]),
        ("similar: near", 200, ALL, [True, False, False]),  # not the fewest
        ("different: far", 5, EARLIER, [True, False, False]),
        ("different: far", 40, ALL, [False, True, True]),
    ],
)
def test_missions(
    table: pd.DataFrame, similarity: str, size: int, pick: str, expected: list[bool]
) -> None:
    assert met(table, similarity, size, pick) == expected


def test_it_says_what_was_picked_what_is_best_and_what_the_slide_advises(
    table: pd.DataFrame,
) -> None:
    controller = scenario_map(table, *TASKS).controller
    assert controller.view().status == (
        "You pick tune all: 40 % right. Best is linear on codes, 20 ahead. "
        "The slide advises linear on codes."
    )


def test_a_bar_for_every_strategy_the_best_on_top(table: pd.DataFrame) -> None:
    view, ax = scenario_map(table, *TASKS).controller.view(), Figure().add_subplot()
    assert view.draw is not None
    view.draw(ax=ax)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == [f"{LINEAR} (the slide)", HIGHEST, EARLIER, f"{ALL} (your pick)"]


def test_curves_are_means_over_the_seeds_and_their_labels_do_not_touch(
    table: pd.DataFrame,
) -> None:
    first = plot_crossing(table, {"near": "a", "far": "b"}, {ALL: "all", LINEAR: "linear"})
    assert first.lines[0].get_ydata().tolist() == pytest.approx([0.4, 0.75, 0.85])
    heights = sorted(text.get_position()[1] for text in first.texts)
    assert heights[1] - heights[0] > 0.05


def test_missions_can_be_met_with_what_was_measured() -> None:
    table = recorded_cells()
    controller = scenario_map(table, *REAL).controller
    found = [
        met(table, similarity, size, pick)
        for similarity in controller.tasks
        for size in controller.sizes
        for pick in STRATEGIES
    ]
    assert all(map(any, zip(*found, strict=True)))


@pytest.mark.parametrize(
    ("yours", "beginning"),
    [
        (train_mode, "Right"),
        (lambda model: model.train(), "Not yet: block1, block2, block3 moved"),
        (lambda model: model.eval(), "Not yet: nothing frozen moves, but the head"),
        (lambda model: (model.eval(), model.head.train()), "Not yet: where nothing is frozen"),
    ],
)
def test_the_exercise_is_told_what_is_wrong(yours, beginning: str) -> None:  # type: ignore[no-untyped-def]
    model = load_backbone("small_vgg", weights="random")
    before = [p.clone() for p in model.parameters()]
    found = check_train_mode(yours, model, load_task("digits", shots=2).train.inputs)
    assert found.startswith(beginning)
    assert all(torch.equal(p, q) for p, q in zip(before, model.parameters(), strict=True))
