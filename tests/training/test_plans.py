"""A plan of training: what it refuses, says and does to a model and an optimizer."""

import numpy as np
import pytest
import torch

from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training.freezing import freeze, frozen_stages
from cs826tl.training.optimizers import param_groups
from cs826tl.training.plans import Plan, check_plan, set_rates

PARTS = ("block1", "block2", "block3", "fc", "head")


def plan_of(*awake: str, batches: int = 2) -> Plan:
    """Return a plan with the parts awake in each epoch, by their first letters and numbers."""
    short = {"b1": 0, "b2": 1, "b3": 2, "f": 3, "h": 4}
    rates = np.zeros((len(awake), batches, 5))
    for epoch, names in enumerate(awake):
        for name in names.split():
            rates[epoch, :, short[name]] = 0.01 * (short[name] + 1) / (epoch + 1)
    return Plan(PARTS, rates)


@pytest.fixture
def model() -> StagedModel:
    return load_backbone("small_vgg", weights="random")


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        (np.ones((2, 5)), r"shape \(2, 5\): give \(epochs, batches, 5\)"),
        (np.ones((2, 1, 4)), "shape"),
        (np.ones((0, 1, 5)), "shape"),
        (np.full((1, 1, 5), -0.1), "negative"),
        (np.full((1, 1, 5), np.nan), "not a number"),
        (np.full((1, 1, 5), np.inf), "infinite"),
        (np.array([[[1.0] * 5, [0.0, 1, 1, 1, 1]]]), "whole epochs"),
        (np.array([[[1.0] * 5], [[0.0] * 5]]), "every part is frozen in one"),
    ],
)
def test_impossible_rates_are_refused(rates: np.ndarray, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Plan(PARTS, rates)


def test_a_plan_says_who_is_awake_when() -> None:
    plan = plan_of("h", "f h", "f h", "b3 h", "b3 f h")
    assert (plan.epochs, plan.batches) == (5, 2)
    assert plan.trainable(4) == ("block3", "head")
    assert plan.wakes == {"head": 1, "fc": 2, "block3": 4}
    assert [plan.changes(epoch) for epoch in range(1, 6)] == [False, True, False, True, True]
    assert plan.steps(2) == [{"block1": 0, "block2": 0, "block3": 0, "fc": 0.02, "head": 0.025}] * 2
    assert repr(plan) == "Plan of 5 × 2 steps; trainable from epoch 1: head; 2: fc; 4: block3"


def test_the_table_has_the_head_on_top_and_says_frozen() -> None:
    table = plan_of("h", "f h", "h").table()
    assert list(table.index) == list(reversed(PARTS))
    assert table.loc["fc"].tolist() == ["2", "0.02", "frozen"]
    assert table.loc["block1"].tolist() == ["never", "frozen", "frozen"]
    assert table.loc["head"].tolist() == ["1", "0.05", "0.017"]


@pytest.mark.parametrize("awake", ["h", "b1", "b1 b3 h", "b1 b2 b3 f h"])
def test_beginning_an_epoch_freezes_exactly_the_rest(model: StagedModel, awake: str) -> None:
    for parameter in freeze(model, "block1", "head").parameters():
        parameter.grad = torch.ones_like(parameter)
    plan = plan_of(awake)
    plan.begin(model, 1)
    assert set(frozen_stages(model)) == set(PARTS) - set(plan.trainable(1))
    for name, part in model.parts.items():  # an old gradient would go on moving what is frozen
        if name not in plan.trainable(1):
            assert all(p.grad is None for p in part.parameters())


def test_rates_go_to_groups_by_their_names(model: StagedModel) -> None:
    optimizer = torch.optim.SGD(list(reversed(param_groups(model, 1.0))))
    set_rates(optimizer, {name: k for k, name in enumerate(PARTS)})
    assert {group["name"]: group["lr"] for group in optimizer.param_groups} == {
        name: k for k, name in enumerate(PARTS)
    }


def test_a_plan_is_checked_against_what_it_will_drive(model: StagedModel) -> None:
    plan = plan_of("f h")
    optimizer = torch.optim.SGD(param_groups(model, 0.1))
    check_plan(plan, model, optimizer, 2)
    with pytest.raises(ValueError, match="has 2 batches per epoch, this training 3"):
        check_plan(plan, model, optimizer, 3)
    with pytest.raises(ValueError, match=r"the plan is for \['head'\], the model has"):
        check_plan(Plan(("head",), np.ones((1, 2, 1))), model, optimizer, 2)
    with pytest.raises(ValueError, match=r"no group named 'fc'.*param_groups\(model, lr=…\)"):
        check_plan(plan, model, torch.optim.SGD(model.parameters(), lr=0.1), 2)
    groups = [g for g in param_groups(model, 0.1) if g["name"] in ("fc", "head")]
    check_plan(plan, model, torch.optim.SGD(groups), 2)  # what it lacks never wakes
    groups[0]["params"] = groups[0]["params"][:1]
    with pytest.raises(ValueError, match="no group named 'fc'"):
        check_plan(plan, model, torch.optim.SGD(groups), 2)
