"""Lecture 08's contest and its exercise, beside plain PyTorch."""

from collections.abc import Callable, Mapping

import pandas as pd
import pytest
import torch

from cs826tl import evaluate, with_head
from cs826tl.lectures.gradual_unfreezing import check_fair, experiments, plot_rates
from cs826tl.lectures.gradual_unfreezing.experiments import at_best_rates, draw, sweep, tuned


def best(column: str, wanted: str) -> Callable[[pd.DataFrame], Mapping[str, float]]:
    def yours(rows: pd.DataFrame) -> Mapping[str, float]:
        chosen = rows.loc[rows.groupby("way")[column].idxmax()]
        return dict(zip(chosen["way"], chosen[wanted], strict=True))

    return yours


@pytest.mark.parametrize(
    ("yours", "beginning"),
    [
        (best("validation", "test"), "Right"),
        (best("test", "test"), "Not yet: you took the best test accuracy"),
        (best("validation", "validation"), "Not yet: that is the validation accuracy"),
        (best("validation", "rate"), "Not yet: those are the chosen rates"),
        (lambda rows: rows.groupby("way")["test"].mean(), "Not yet: a mean over the rates"),
        (lambda rows: {"recipe": 63, "plain": 12}, "Not yet: one rate for both"),
        (lambda rows: {"recipe": 1, "plain": 2}, "Not yet: at each way"),
        (lambda rows: {"recipe": 60}, "Not yet: return a dictionary"),
        (lambda rows: None, "Not yet: return a dictionary"),
    ],
)
def test_an_unfair_contest_is_told_what_is_wrong(
    yours: Callable[[pd.DataFrame], Mapping[str, float]], beginning: str
) -> None:
    assert check_fair(yours).startswith(beginning)


def test_the_rate_is_chosen_by_the_mean_of_validation_over_the_seeds() -> None:
    rows = pd.DataFrame(
        [
            *[("a", 0.1, 80, 0), ("a", 0.1, 20, 0), ("a", 0.2, 60, 0), ("a", 0.2, 60, 0)],
            *[("b", 0.1, 9, 5), ("b", 0.2, 8, 99)],
        ],
        columns=["way", "rate", "validation", "test"],
    )
    assert at_best_rates(rows).to_dict() == {"a": 0.2, "b": 0.1}


def test_a_ring_stands_at_the_chosen_rate_and_every_way_is_named() -> None:
    rows = pd.DataFrame(
        [(way, rate, 10 * k + 100 * rate) for k, way in enumerate("ab") for rate in (0.1, 0.2)],
        columns=["way", "rate", "test"],
    )
    ax = plot_rates(rows, {"b": 0.1, "a": 0.2})
    rings = [line.get_xydata().tolist() for line in ax.lines if line.get_markersize() > 10]
    assert rings == [[[0.1, 20.0]], [[0.2, 20.0]]]
    assert [text.get_text() for text in ax.texts] == ["b", "a"]


def test_a_draw_has_five_labels_per_class_and_other_test_pictures_for_another_seed() -> None:
    one, other = draw("mnist_70k", 0), draw("mnist_70k", 1)
    assert one.train.labels.bincount().tolist() == [5] * 10
    assert (len(one.validation), len(one.test)) == (200, 500)
    assert not torch.equal(one.test.inputs, other.test.inputs)


@pytest.mark.parametrize(
    ("way", "wanted"),
    [
        ("plain", {"stage7", "stage8", "stage9", "head"}),
        ("all three", {"stage9", "head"}),  # in two epochs no other stage has woken
        ("head alone", {"head"}),
    ],
)
def test_each_way_moves_what_it_says(way: str, wanted: set[str]) -> None:
    task = draw("mnist_70k", 0)
    before = with_head(experiments.backbone("mnist_70k"), task.classes, seed=0).state_dict()
    after = tuned(task, way, 0.001, seed=0, epochs=2).state_dict()
    moved = {
        name.removeprefix("stages.").partition(".")[0]
        for name, weight in after.items()
        if not torch.equal(weight.cpu(), before[name].cpu())
    }
    assert moved == wanted


def test_a_sweep_asks_every_way_at_every_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiments, "RATES", (0.001, 0.01))
    rows = sweep(3, "mnist_70k", epochs=1, ways=("head alone", "plain"))
    asked = [(row["way"], row["rate"]) for row in rows]
    assert asked == [(w, r) for w in ("head alone", "plain") for r in (0.001, 0.01)]
    task = draw("mnist_70k", 3)  # at a high rate, plain fine-tuning magnifies each rounding
    again = tuned(task, "head alone", 0.01, seed=3, epochs=1)
    assert rows[1]["test"] == pytest.approx(100 * evaluate(again, task), abs=1)
    assert rows[1]["validation"] == pytest.approx(100 * evaluate(again, task, "validation"), abs=1)
