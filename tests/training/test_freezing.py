"""Freezing: each way in which frozen weights move elsewhere, shown to happen, and shown not to."""

import re

import pytest
import torch
import torch.nn.functional as F
import torchvision.models as tv
from hypothesis import given, settings, strategies as st
from torch import nn

from cs826tl import fit, load_task
from cs826tl.networks.heads import with_head
from cs826tl.networks.named_parts import parts
from cs826tl.networks.preprocessing import Preprocess
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training import auditing
from cs826tl.training.auditing import Finding, audit, snapshot
from cs826tl.training.codes import frozen_prefix
from cs826tl.training.freezing import freeze, frozen_stages, train_mode, trainable_table, unfreeze
from cs826tl.training.optimizers import param_groups

PARTS = ("block1", "block2", "block3", "fc", "head")
SHARED = load_backbone("small_vgg", weights="random")  # for what does not train


def vgg() -> StagedModel:
    return load_backbone("small_vgg", weights="random")


def images(number: int = 8) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (number, 1, 28, 28), generator=generator, dtype=torch.uint8)


def backward(model: StagedModel) -> None:
    F.cross_entropy(model(images()), torch.arange(8)).backward()


def state(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: t.clone() for name, t in module.state_dict().items()}


def moved(module: nn.Module, before: dict[str, torch.Tensor]) -> list[str]:
    return [name for name, t in module.state_dict().items() if not torch.equal(t, before[name])]


# --- which parts are frozen -------------------------------------------------------------------


@settings(deadline=None)
@given(k=st.integers(0, 4), j=st.integers(0, 4))
def test_through_freezes_from_the_input_and_down_to_unfreezes_from_the_head(k: int, j: int) -> None:
    model = freeze(unfreeze(SHARED), through=PARTS[k])
    assert frozen_stages(model) == PARTS[: k + 1]
    assert frozen_stages(unfreeze(model, down_to=PARTS[j])) == PARTS[: min(j, k + 1)]


@settings(deadline=None)
@given(frozen=st.sets(st.sampled_from(PARTS), min_size=1), data=st.data())
def test_named_stages_are_frozen_and_no_others(frozen: set[str], data: st.DataObject) -> None:
    order = data.draw(st.permutations(sorted(frozen)))
    model = freeze(unfreeze(SHARED), *order)
    assert set(frozen_stages(model)) == frozen
    assert frozen_stages(model) == frozen_stages(freeze(model, *frozen))  # twice is once
    some = data.draw(st.sets(st.sampled_from(PARTS), min_size=1))
    assert set(frozen_stages(unfreeze(model, *some))) == frozen - some
    for name, part in model.parts.items():
        trainable = {p.requires_grad for p in part.parameters()}
        assert trainable == {name not in frozen - some}


def test_without_names_all_but_the_head_is_frozen_and_everything_unfrozen() -> None:
    assert frozen_stages(freeze(unfreeze(SHARED))) == PARTS[:-1]
    assert frozen_stages(unfreeze(SHARED)) == ()


@pytest.mark.parametrize("change", [freeze, unfreeze])
@pytest.mark.parametrize("arguments", [(("block1", "block_2"), {}), ((), {"deep": "block_2"})])
def test_an_unknown_stage_lists_the_stages_and_changes_nothing(change, arguments) -> None:
    names, deep = arguments
    options = {"through" if change is freeze else "down_to": deep["deep"]} if deep else {}
    model = freeze(unfreeze(SHARED), "block2")
    with pytest.raises(ValueError, match=f"'block_2'.*Did you mean.* {', '.join(PARTS)}"):
        change(model, *names, **options)
    assert frozen_stages(model) == ("block2",)


def test_the_table_counts_what_can_be_trained() -> None:
    table = trainable_table(freeze(unfreeze(SHARED), through="block2"))
    counts = [sum(p.numel() for p in part.parameters()) for part in SHARED.parts.values()]
    assert table.index.tolist() == list(PARTS)
    assert table["parameters"].tolist() == counts
    assert table["trainable parameters"].tolist() == [0, 0, *counts[2:]]
    assert table["state"].tolist() == ["frozen"] * 2 + ["trainable"] * 3


# --- the ways in which frozen weights move all the same ---------------------------------------


def test_batch_normalisation_moves_after_train_and_not_after_train_mode() -> None:
    model = freeze(vgg(), through="block2")
    before = state(model.stages)
    train_mode(model)(images())
    assert moved(model.stages.block1, state(model.stages.block1)) == []
    still = moved(model.stages, before)
    assert {name.split(".")[0] for name in still} == {"block3"}  # the trainable block's own
    model.train()(images())
    statistics = {"running_mean", "running_var", "num_batches_tracked"}
    names = moved(model.stages.block1, {k[7:]: v for k, v in before.items() if "block1." in k})
    assert {name.split(".")[1] for name in names} == statistics


@pytest.mark.parametrize("ours", [True, False])
def test_a_kept_gradient_moves_a_frozen_weight_and_freeze_drops_it(ours: bool) -> None:
    model = vgg().train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    backward(model)
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    if ours:
        freeze(model, "block1")
    else:
        model.stages.block1.requires_grad_(False)
    before = state(model.stages.block1)
    optimizer.step()
    assert bool(moved(model.stages.block1, before)) is not ours


def test_every_parameter_is_in_the_optimizer_once_frozen_or_not() -> None:
    model = freeze(vgg(), through="fc")
    groups = param_groups(model, lr=0.1)
    held = [p for group in groups for p in group["params"]]
    assert sorted(map(id, held)) == sorted(map(id, model.parameters()))
    assert [group["name"] for group in groups] == list(PARTS)
    optimizer = torch.optim.SGD(groups)  # refuses parameters that are in two groups
    before = state(model)
    backward(train_mode(model))
    optimizer.step()
    assert {name.split(".")[0] for name in moved(model, before)} == {"head"}
    backward(train_mode(unfreeze(model)))
    optimizer.step()
    assert {n for n, _ in model.named_parameters()} <= set(moved(model, before))


def test_every_part_has_its_own_rate_or_it_is_an_error() -> None:
    rates = {name: 10.0**-k for k, name in enumerate(PARTS)}
    assert {g["name"]: g["lr"] for g in param_groups(SHARED, lr=rates)} == rates
    assert {g["lr"] for g in param_groups(SHARED, lr=0.3)} == {0.3}
    for wrong in ({"head": 1.0}, rates | {"block9": 1.0}):
        with pytest.raises(ValueError, match=r"lr names .* the model has .*block1"):
            param_groups(SHARED, lr=wrong)


def test_train_mode_silences_dropout_in_what_is_wholly_frozen_and_only_there() -> None:
    def stage() -> nn.Module:
        return nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))

    model = StagedModel("toy", nn.Identity(), {"a": stage(), "b": stage()}, stage(), "xy", "none")
    train_mode(freeze(model, "a"))
    assert [part[1].training for part in model.parts.values()] == [False, True, True]
    model.stages.b[0].bias.requires_grad_(False)  # half frozen: still trains, still drops
    assert train_mode(model).stages.b.training
    assert train_mode(unfreeze(model)).stages.a.training  # and nothing is left behind


# --- the audit --------------------------------------------------------------------------------


def verdicts(model: StagedModel, before) -> dict[str, str]:
    return audit(model, before)["verdict"].to_dict()


def test_nothing_moved_is_the_verdict_where_nothing_moved() -> None:
    model = freeze(vgg(), through="block2")
    assert list(verdicts(model, snapshot(model)).values()) == (
        ["frozen, did not move"] * 2 + ["trainable, did not move"] * 3
    )


@pytest.mark.parametrize("piece", [7, auditing.PIECE])
@pytest.mark.parametrize("change", [1e-7, -0.5, float("nan"), float("inf")])
def test_a_planted_movement_in_a_parameter_is_found(monkeypatch, change: float, piece: int) -> None:
    monkeypatch.setattr(auditing, "PIECE", piece)
    model = freeze(vgg(), through="block2")
    model.stages.block2[0].weight.data.zero_()
    before = snapshot(model)
    model.stages.block2[0].weight.data[3, 2, 1, 0] += change
    row = audit(model, before).loc["block2"]
    assert row["verdict"] == "claimed frozen, in fact moved"
    assert (row["parameters moved"], row["buffers moved"]) == ("1 of 6", "0 of 6")
    if abs(change) < 1:
        assert row["largest change"] == pytest.approx(abs(change))
    assert "in fact" not in verdicts(model, before)["block1"]


@pytest.mark.parametrize("buffer", ["running_mean", "running_var", "num_batches_tracked"])
def test_a_planted_movement_in_a_buffer_is_found(buffer: str) -> None:
    model = freeze(vgg(), through="block2")
    before = snapshot(model)
    getattr(model.stages.block1[1], buffer).add_(1)
    row = audit(model, before).loc["block1"]
    assert row["verdict"] == "claimed frozen, in fact moved"
    assert (row["parameters moved"], row["buffers moved"]) == ("0 of 6", "1 of 6")
    assert row["largest change"] == 0  # of a parameter; a counter's would tell nothing


def test_only_what_was_claimed_frozen_can_be_found_out() -> None:
    model = freeze(vgg(), through="block2")
    before = snapshot(model)
    model.head.weight.data += 1
    unfreeze(model)  # the claim is the snapshot's, not today's
    model.stages.block1[0].weight.data += 1
    found = verdicts(model, before)
    assert found["head"] == "trainable, moved"
    assert found["block1"] == "claimed frozen, in fact moved"
    assert found["block2"] == "frozen, did not move"


def test_an_audit_after_fit_finds_nothing() -> None:
    task = load_task("digits", shots=5)
    model = freeze(vgg(), through="block2")
    before = snapshot(model)
    fit(model, task, epochs=1, progress=False, device="cpu")
    assert list(verdicts(model, before).values()) == (
        ["frozen, did not move"] * 2 + ["trainable, moved"] * 3
    )


# --- any network ------------------------------------------------------------------------------


class Tangled(nn.Module):
    """Parameters of its own, a part without any, one with buffers only, and a shared weight."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4))
        self.register_buffer("seen", torch.zeros(()))
        self.embed = nn.Linear(4, 6, bias=False)
        self.act = nn.ReLU()
        self.norm = nn.BatchNorm1d(6, affine=False)
        self.back = nn.Linear(6, 4)
        self.twin = nn.Linear(4, 6, bias=False)
        self.twin.weight = self.embed.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.twin(self.back(self.norm(self.act(self.embed(x * self.scale)))))


TANGLED = ["(own)", "embed", "act", "norm", "back", "twin"]


def test_the_parts_of_any_network_are_its_children_and_what_it_holds_itself() -> None:
    network = Tangled()
    named = parts(network)
    assert list(named) == TANGLED
    assert [p is network.scale for p in named["(own)"].parameters()] == [True]
    assert [b is network.seen for b in named["(own)"].buffers()] == [True]
    assert all(named[name] is getattr(network, name) for name in TANGLED[1:])
    assert list(parts(SHARED)) == list(PARTS)


def test_any_network_is_frozen_trained_and_audited() -> None:
    network = freeze(Tangled(), "(own)", "back")
    table = trainable_table(network)
    assert table["state"].to_dict() == {
        "(own)": "frozen", "embed": "trainable", "act": "no parameters",
        "norm": "no parameters", "back": "frozen", "twin": "trainable",
    }  # fmt: skip
    before = snapshot(network)
    optimizer = torch.optim.AdamW(param_groups(network, lr=0.1), weight_decay=0.1)
    assert [group["name"] for group in optimizer.param_groups] == ["(own)", "embed", "back"]
    train_mode(network)(torch.randn(8, 4)).square().sum().backward()
    optimizer.step()
    assert verdicts(network, before) == {
        "(own)": Finding.FROZEN_STILL, "embed": Finding.TRAINABLE_MOVED, "act": Finding.EMPTY,
        "norm": Finding.EMPTY, "back": Finding.FROZEN_STILL, "twin": Finding.TRAINABLE_MOVED,
    }  # fmt: skip
    network.seen += 1
    assert audit(network, before).loc["(own)", "verdict"] == Finding.FROZEN_MOVED


def test_freezing_any_network_leaves_its_last_part_with_parameters() -> None:
    network = freeze(tv.resnet18())
    assert [n for n, p in network.named_parameters() if p.requires_grad] == ["fc.weight", "fc.bias"]
    assert not freeze(unfreeze(network).layer4, "1")[1].conv1.weight.requires_grad
    assert network.layer4[0].conv1.weight.requires_grad
    with_softmax = freeze(nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2), nn.Softmax(1)))
    assert frozen_stages(with_softmax) == ("0", "1", "3")  # softmax has nothing to train


@pytest.mark.parametrize("network", [nn.Sequential(nn.Linear(2, 2)), nn.Linear(2, 2)])
def test_below_a_single_part_there_is_nothing_to_freeze(network: nn.Module) -> None:
    (name,) = parts(network)
    with pytest.raises(
        ValueError, match=rf"nothing below the head.*freeze\(model, '{re.escape(name)}'"
    ):
        freeze(network)
    assert frozen_stages(freeze(network, name)) == (name,)


@pytest.mark.parametrize("change", [freeze, unfreeze])
def test_names_may_be_in_a_list_and_an_empty_one_names_nothing(change) -> None:
    model = unfreeze(load_backbone("small_vgg", weights="random"), "block1")
    freeze(model, "block3")
    before = frozen_stages(model)
    assert frozen_stages(change(model, [])) == frozen_stages(change(model, (), iter(()))) == before
    assert ("block3" in frozen_stages(change(model, ["block2", "block3"]))) == (change is freeze)
    assert ("block1" in frozen_stages(change(model, "fc", {"block1"}))) == (change is freeze)
    for wrong in (3, None, [None], [["block1"]]):
        with pytest.raises(TypeError, match=r"names no stage: give names, one by one or in a list"):
            change(model, wrong)


@pytest.mark.parametrize("wrong", [-0.1, float("nan"), float("inf"), "fast", None])
def test_a_rate_that_is_no_rate_is_refused(wrong: object) -> None:
    for lr in (wrong, dict.fromkeys(PARTS, 0.1) | {"fc": wrong}):
        with pytest.raises(ValueError, match=r"learning rate of .* is .*give a number, 0 or more"):
            param_groups(SHARED, lr=lr)


def test_parts_that_share_a_weight_have_one_rate() -> None:
    rates = dict.fromkeys(TANGLED, 0.1)
    assert len(param_groups(Tangled(), rates | {"back": 1.0})) == 3
    with pytest.raises(ValueError, match="embed and twin share a parameter"):
        param_groups(Tangled(), rates | {"twin": 1.0})
    del rates["act"]  # what has no parameters needs no rate
    assert len(param_groups(Tangled(), rates)) == 3


@pytest.mark.parametrize(
    ("first", "frozen"),
    [(nn.AvgPool2d(2), True), (nn.Dropout(0.5), False), (nn.BatchNorm2d(3, affine=False), False)],
)
def test_a_first_stage_without_parameters_is_frozen_if_training_mode_changes_nothing(
    first: nn.Module, frozen: bool
) -> None:
    side = 14 if isinstance(first, nn.AvgPool2d) else 28
    stages = {"first": first, "rest": nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten())}
    scaling = Preprocess([127.5] * 3, [127.5] * 3, 28)
    head = nn.Linear(4 * (side - 2) ** 2, 10)
    backbone = StagedModel("toy", scaling, stages, head, "0123456789", "")
    model = with_head(backbone, list("0123456789"))
    assert ("first" in frozen_stages(model)) is frozen
    assert train_mode(model).stages.first.training  # as in a plain loop
    assert frozen_prefix(model) == frozen
    history = fit(model, load_task("digits", shots=1), epochs=1, progress=False, device="cpu")
    assert len(history.rows) == 2


@pytest.mark.parametrize("wrong", ["block1", None, [nn.Linear(2, 2)]])
def test_what_is_no_network_is_named(wrong: object) -> None:
    with pytest.raises(TypeError, match=r"the model must be a torch.nn.Module, got"):
        freeze(wrong)


def test_a_network_of_nothing_has_no_parts() -> None:
    with pytest.raises(ValueError, match="Module has no parts"):
        trainable_table(nn.Module())


def test_a_snapshot_of_the_same_network_with_another_head_is_refused() -> None:
    with pytest.raises(ValueError, match="another model"):
        audit(with_head(SHARED, ["a", "b"]), snapshot(SHARED))


def test_the_findings_are_the_words_of_the_table() -> None:
    assert [finding.value for finding in Finding] == [
        "frozen, did not move", "claimed frozen, in fact moved",
        "trainable, did not move", "trainable, moved",
        "frozen, and its adapter did not move", "frozen, did not move; its adapter did",
        "no parameters",
    ]  # fmt: skip


def test_a_snapshot_of_another_model_is_refused() -> None:
    other = StagedModel("toy", nn.Identity(), {"a": nn.Linear(2, 2)}, nn.Linear(2, 2), "xy", "")
    with pytest.raises(ValueError, match=r"another model.*snapshot\(model\)"):
        audit(SHARED, snapshot(other))
