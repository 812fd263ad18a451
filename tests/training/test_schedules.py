"""Schedules against the paper's formula, PyTorch's LambdaLR, and counting by hand."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from cs826tl.data.loading import load_task
from cs826tl.data.tasks import Task
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training.freezing import freeze
from cs826tl.training.optimizers import param_groups
from cs826tl.training.schedules import discriminative_rates, slanted_triangular, ulmfit_plan

TASK = load_task("digits", shots=8)  # 80 images: three batches of 32
PARTS = ("block1", "block2", "block3", "fc", "head")


def paper(t: int, T: int, highest: float, cut_frac: float, ratio: float) -> float:
    """Howard and Ruder 2018, equation 3, as it is printed."""
    cut = math.floor(T * cut_frac)
    p = t / cut if t < cut else 1 - (t - cut) / (cut * (1 / cut_frac - 1))
    return highest * (1 + p * (ratio - 1)) / ratio


@pytest.fixture
def model() -> StagedModel:
    return load_backbone("small_vgg", weights="random")


@pytest.mark.parametrize(
    ("steps", "cut", "ratio"),
    [(100, 0.1, 32), (10, 0.1, 32), (24, 0.25, 8), (7, 3 / 7, 2), (200, 0.25, 100), (60, 0.1, 1)],
)
def test_the_triangle_is_the_papers(steps: int, cut: float, ratio: float) -> None:
    wanted = [paper(t, steps, 0.02, round(steps * cut) / steps, ratio) for t in range(steps)]
    np.testing.assert_allclose(slanted_triangular(steps, 0.02, cut=cut, ratio=ratio), wanted)


def test_where_the_papers_formula_falls_below_zero_ours_does_not() -> None:
    assert paper(78, 79, 0.01, 0.1, 32) < 0
    assert slanted_triangular(79, 0.01)[-1] > 0.01 / 32


@given(
    steps=st.integers(1, 300), cut=st.floats(0, 0.99), ratio=st.floats(1, 1000),
    lr=st.floats(1e-6, 10),
)  # fmt: skip
def test_it_rises_to_the_rate_and_falls_and_stays_within(steps, cut, ratio, lr) -> None:
    rates = slanted_triangular(steps, lr, cut=cut, ratio=ratio)
    peak = int(rates.argmax())
    assert rates.shape == (steps,)
    assert rates.max() == pytest.approx(lr)
    assert rates.min() >= lr / ratio * (1 - 1e-9)
    assert peak <= steps * cut + 1e-6
    assert all(a <= b for a, b in pairwise(rates[: peak + 1]))
    assert all(a >= b for a, b in pairwise(rates[peak:]))


def test_a_whole_number_of_rising_steps_is_not_lost_to_rounding() -> None:
    assert 100 * 0.29 < 29
    assert slanted_triangular(100, 1.0, cut=0.29).argmax() == 29


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0}, {"lr": 0}, {"lr": -1}, {"lr": math.inf}, {"cut": 1}, {"cut": -0.1},
        {"ratio": 0.5}, {"ratio": math.inf}, {"lr": math.nan}, {"cut": math.nan},
    ],
)  # fmt: skip
def test_an_impossible_triangle_is_refused(wrong: dict[str, float]) -> None:
    options = {"steps": 10, "lr": 0.1} | wrong
    with pytest.raises(ValueError, match="steps must be at least 1"):
        slanted_triangular(options.pop("steps"), options.pop("lr"), **options)


def test_each_part_is_slower_by_the_factor_than_the_one_above() -> None:
    rates = discriminative_rates(PARTS, 0.01)
    assert list(rates) == list(PARTS)
    assert rates["head"] == 0.01
    assert [b / a for a, b in pairwise(rates.values())] == pytest.approx([2.6] * 4)
    for factor in (0, -1, math.inf, math.nan):
        with pytest.raises(ValueError, match="give a number above 0"):
            discriminative_rates(PARTS, 0.01, factor=factor)


def test_the_plans_rates_are_those_of_lambda_lr_over_named_groups(model: StagedModel) -> None:
    plan = ulmfit_plan(model, TASK, epochs=4, lr=0.01, stages_per_epoch=math.inf)
    optimizer = torch.optim.SGD(param_groups(model, discriminative_rates(PARTS, 0.01)))
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: slanted_triangular(12, 1.0)[min(step, 11)]
    )
    for rates in plan.rates.reshape(12, 5):
        assert [group["lr"] for group in optimizer.param_groups] == pytest.approx(rates)
        optimizer.step()
        scheduler.step()


@pytest.mark.parametrize(
    ("per_epoch", "counts"),
    [
        (1, [1, 2, 3, 4, 5, 5]), (2, [2, 4, 5, 5, 5, 5]), (0.5, [1, 1, 2, 2, 3, 3]),
        (5, [5] * 6), (math.inf, [5] * 6), (0.1, [1] * 6), (1.5, [2, 3, 5, 5, 5, 5]),
    ],
)  # fmt: skip
def test_parts_wake_from_the_head_down(
    model: StagedModel, per_epoch: float, counts: list[int]
) -> None:
    plan = ulmfit_plan(model, TASK, epochs=6, lr=0.01, stages_per_epoch=per_epoch)
    assert [plan.trainable(epoch) for epoch in range(1, 7)] == [PARTS[-n:] for n in counts]


def test_neutral_values_are_plain_fine_tuning(model: StagedModel) -> None:
    plan = ulmfit_plan(model, TASK, epochs=2, lr=0.01, ratio=1, factor=1, stages_per_epoch=math.inf)
    np.testing.assert_allclose(plan.rates, 0.01)
    assert plan.rates.shape == (2, 3, 5)


def test_the_three_multiply(model: StagedModel) -> None:
    off = {"ratio": 1, "factor": 1, "stages_per_epoch": math.inf}

    def rates(**on: float) -> np.ndarray:
        return ulmfit_plan(model, TASK, epochs=6, lr=1.0, **(off | on)).rates

    whole = ulmfit_plan(model, TASK, epochs=6, lr=0.02).rates
    np.testing.assert_allclose(
        whole, 0.02 * rates(ratio=32) * rates(factor=2.6) * rates(stages_per_epoch=1)
    )


def test_what_is_frozen_beforehand_never_wakes(model: StagedModel) -> None:
    plan = ulmfit_plan(freeze(model, "block1", "block3"), TASK, epochs=4, lr=0.01)
    assert plan.wakes == {"head": 1, "fc": 2, "block2": 3}
    assert plan.rates[:, :, [0, 2]].max() == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"epochs": 0}, "epochs=0"), ({"batch_size": 0}, "batch_size=0"),
        ({"stages_per_epoch": 0}, "stages_per_epoch=0"), ({"lr": 0}, "lr=0"),
        ({"stages_per_epoch": math.nan}, "stages_per_epoch=nan"), ({"factor": 0}, "factor=0"),
    ],
)  # fmt: skip
def test_an_impossible_plan_is_refused(model: StagedModel, wrong, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ulmfit_plan(model, TASK, **({"epochs": 2, "lr": 0.01} | wrong))


def test_a_plan_for_a_wholly_frozen_model_says_so(model: StagedModel) -> None:
    with pytest.raises(ValueError, match="every part is frozen"):
        ulmfit_plan(freeze(model, through="head"), TASK, epochs=2, lr=0.01)


def test_the_last_smaller_batch_counts() -> None:
    small = Task("few", TASK.classes, TASK.train[torch.arange(33)], TASK.test, TASK.test, "digits")
    plan = ulmfit_plan(load_backbone("small_vgg", weights="random"), small, epochs=1, lr=0.1)
    assert plan.batches == 2
