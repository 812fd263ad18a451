"""Codes are never stale: an edited `forward`, a changed attribute or helper gives other codes."""

from types import MethodType

import pytest
import torch
from torch import Tensor, nn

from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training import storage
from cs826tl.training.batches import FIRST
from cs826tl.training.codes import clear_codes, encode
from cs826tl.training.fingerprints import fingerprint

INPUTS = torch.arange(40 * 4, dtype=torch.uint8).reshape(40, 1, 2, 2)


@pytest.fixture(autouse=True)
def _codes_of_its_own(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    clear_codes()


def helper(x: Tensor) -> Tensor:
    return x * 2


class Stage(nn.Module):
    """A student's own stage: its settings are attributes that `repr` does not show."""

    slope = 1.0
    factors = (1.0, 1.0)

    @property
    def offset(self) -> float:
        return 0.0

    @staticmethod
    def doubled(x: Tensor) -> Tensor:
        return x * 2

    def __init__(self) -> None:
        super().__init__()
        self.power = 1
        self.options = {"shift": [0.0, 1.0]}
        self.table = torch.ones(3)  # no buffer
        self.weight = nn.Parameter(torch.ones(1))

    def scaled(self, x: Tensor) -> Tensor:
        return x * self.slope

    def forward(self, x: Tensor) -> Tensor:
        x = helper(self.scaled(x.flatten(1)) ** self.power) + self.options["shift"][1]
        x = self.doubled(x) * self.factors[0] + self.offset
        return x * self.weight * self.table.sum()


@pytest.fixture
def model() -> StagedModel:
    preprocess = load_backbone("small_vgg", weights="random").preprocess
    return StagedModel("own", preprocess, {"only": Stage()}, nn.Linear(12, 2), "ab", "none")


def edit_forward(monkeypatch, stage: Stage) -> None:
    monkeypatch.setattr(Stage, "forward", lambda self, x: -x.flatten(1) * self.weight)


def edit_a_method_that_forward_calls(monkeypatch, stage: Stage) -> None:
    monkeypatch.setattr(Stage, "scaled", lambda self, x: x + 1)


def edit_this_ones_forward(monkeypatch, stage: Stage) -> None:
    stage.forward = MethodType(lambda self, x: x.flatten(1) - 3, stage)


def edit_a_constant_in_forward(monkeypatch, stage: Stage) -> None:
    original = Stage.forward.__code__
    constants = tuple("cut" if value == "shift" else value for value in original.co_consts)
    stage.options["cut"] = [0.0, 7.0]
    monkeypatch.setattr(Stage.forward, "__code__", original.replace(co_consts=constants))


def edit_a_helper(monkeypatch, stage: Stage) -> None:
    monkeypatch.setitem(globals(), "helper", lambda x: x * 5)


def change_an_attribute(monkeypatch, stage: Stage) -> None:
    stage.power = 2


def change_a_class_attribute(monkeypatch, stage: Stage) -> None:
    monkeypatch.setattr(Stage, "slope", 3.0)


def change_a_tuple_of_the_class(monkeypatch, stage: Stage) -> None:
    monkeypatch.setattr(Stage, "factors", (3.0, 1.0))


def edit_a_property(monkeypatch, stage: Stage) -> None:
    monkeypatch.setattr(Stage, "offset", property(lambda self: 9.0))


def edit_a_static_method(monkeypatch, stage: Stage) -> None:
    monkeypatch.setattr(Stage, "doubled", staticmethod(lambda x: x * 7))


def change_something_deep(monkeypatch, stage: Stage) -> None:
    stage.options["shift"][1] = 5.0


def change_a_tensor_that_is_no_buffer(monkeypatch, stage: Stage) -> None:
    stage.table[0] = 4.0


EDITS = [
    edit_forward,
    edit_a_method_that_forward_calls,
    edit_this_ones_forward,
    edit_a_constant_in_forward,
    edit_a_helper,
    change_an_attribute,
    change_a_class_attribute,
    change_a_tuple_of_the_class,
    edit_a_property,
    edit_a_static_method,
    change_something_deep,
    change_a_tensor_that_is_no_buffer,
]


@pytest.mark.parametrize("place", ["memory", "file"])
@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_stage_has_other_codes(model, monkeypatch, edit, place: str) -> None:
    monkeypatch.setattr(storage, "WORTH_A_FILE", 0.0)
    old = encode(model, INPUTS)
    edit(monkeypatch, model.stages.only)
    if place == "file":
        storage._kept.clear()
    new = encode(model, INPUTS)
    assert not torch.allclose(new, old)
    with torch.no_grad():
        assert torch.allclose(new, model.stages(model.preprocess(INPUTS)))
    assert torch.equal(encode(model, INPUTS), new)  # and these are kept


@pytest.mark.parametrize("edit", [edit for edit in EDITS if edit is not edit_a_helper])
def test_the_fingerprint_sees_all_but_what_a_stage_calls(model, monkeypatch, edit) -> None:
    """So rows that the edit leaves alone, which may be the first two, do not hide it."""
    stage = model.stages.only
    before = fingerprint(stage, INPUTS)
    assert fingerprint(stage, INPUTS) == before
    edit(monkeypatch, stage)
    assert fingerprint(stage, INPUTS) != before


def test_a_network_loaded_again_has_the_same_fingerprint() -> None:
    one, other = (load_backbone("efficientnet_lite0", weights="random") for _ in range(2))
    assert fingerprint(one.stages, INPUTS) == fingerprint(other.stages.train(), INPUTS)
    assert fingerprint(one.stages, INPUTS, "cuda") != fingerprint(one.stages, INPUTS, "cpu")


def test_recalling_codes_runs_two_images(model) -> None:
    encode(model, INPUTS)
    seen = []
    model.stages.only.register_forward_hook(lambda _, inputs, __: seen.append(len(inputs[0])))
    encode(model, INPUTS)
    assert seen == [FIRST]
