"""LoRA against peft and against plain sums of weights; freezing and the audit know adapters."""

from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cs826tl import fit, load_task
from cs826tl.networks.heads import with_head
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training.adapters import LoRA, adapters, add_lora, merge_lora, task_state
from cs826tl.training.auditing import Finding, audit, snapshot
from cs826tl.training.freezing import State, freeze, frozen_stages, trainable_table, unfreeze


def images(number: int = 8, channels: int = 1, size: int = 28) -> Tensor:
    shape, generator = (number, channels, size, size), torch.Generator().manual_seed(0)
    return torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)


def vgg() -> StagedModel:
    return load_backbone("small_vgg", weights="random")


def awake(model: StagedModel) -> StagedModel:
    """Let the adapters have learnt something."""
    generator = torch.Generator().manual_seed(1)
    for layer in adapters(model):
        layer.up.weight.data.copy_(torch.randn(layer.up.weight.shape, generator=generator) / 10)
    return model.eval()


def test_answers_and_gradients_are_those_of_peft() -> None:
    peft = pytest.importorskip("peft")

    class Net(nn.Sequential):
        pass

    torch.manual_seed(0)
    layers = Net(nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 6, 1), nn.Flatten(), nn.Linear(96, 5))
    theirs = peft.get_peft_model(
        deepcopy(layers),
        peft.LoraConfig(r=3, lora_alpha=7, target_modules=["0", "1", "3"], init_lora_weights=False),
    )
    ours = StagedModel("net", nn.Identity(), {"all": layers}, nn.Identity(), "abcde", "random")
    add_lora(ours, rank=3, alpha=7)
    wrapped = theirs.base_model.model
    for layer, place in zip(adapters(ours), ("0", "1", "3"), strict=True):
        layer.down.load_state_dict(wrapped.get_submodule(place).lora_A["default"].state_dict())
        layer.up.load_state_dict(wrapped.get_submodule(place).lora_B["default"].state_dict())
    x = torch.rand(4, 3, 8, 8)
    torch.testing.assert_close(ours(x), theirs(x), atol=1e-6, rtol=0)
    for model in (ours, theirs):
        model(x).square().sum().backward()
    trained = {
        name: [p.grad for p in model.parameters() if p.requires_grad]
        for name, model in (("ours", ours), ("theirs", theirs))
    }
    torch.testing.assert_close(trained["ours"], trained["theirs"], atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(
        merge_lora(ours)(x), theirs.merge_and_unload()(x), atol=1e-6, rtol=1e-5
    )


@pytest.mark.parametrize(("given", "scale"), [({"rank": 2, "alpha": 6}, 3), ({}, 2)])
def test_what_an_adapter_adds_is_scaled_by_alpha_over_rank(given, scale: float) -> None:
    model = awake(add_lora(vgg(), "fc", **given))
    (layer,) = adapters(model)
    x = torch.rand(3, layer.base.in_features)
    added = F.linear(F.linear(x, layer.down.weight), layer.up.weight)
    torch.testing.assert_close(layer(x), layer.base(x) + scale * added)
    torch.testing.assert_close(F.linear(x, layer.weight, layer.bias), layer(x))


class Attending(nn.Module):
    """Attention of every token to every token."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        answers: Tensor = self.attention(x, x, x)[0]
        return answers


@pytest.mark.parametrize("kind", ["attention", "encoder"])
def test_modules_that_multiply_by_weights_themselves_use_the_adapters(kind: str) -> None:
    torch.manual_seed(0)
    block = Attending() if kind == "attention" else nn.TransformerEncoderLayer(
        8, 2, 16, dropout=0.0, batch_first=True
    )  # fmt: skip
    plain = StagedModel("net", nn.Identity(), {"all": block}, nn.Linear(8, 2), "ab", "random")
    model = awake(add_lora(deepcopy(plain), rank=2))
    by_hand = deepcopy(plain).eval()
    for name, layer in model.stages.named_modules():
        if isinstance(layer, LoRA):
            change = layer.scale * layer.up.weight @ layer.down.weight
            by_hand.stages.get_submodule(name).weight.data += change
    x = torch.rand(2, 3, 8)
    for training in (True, False):  # eval without gradients takes PyTorch's fast path
        with torch.set_grad_enabled(training):
            answers = model.train(training)(x)
            torch.testing.assert_close(answers, by_hand.train(training)(x), atol=1e-6, rtol=1e-5)
            assert not torch.allclose(answers, plain(x), atol=1e-4)
    model(x).sum().backward()
    assert all(layer.up.weight.grad.abs().sum() > 0 for layer in adapters(model))
    assert len(list(adapters(model))) == {"attention": 1, "encoder": 3}[kind]
    torch.testing.assert_close(merge_lora(model)(x), by_hand(x), atol=1e-6, rtol=1e-5)


def test_an_adapted_network_begins_as_it_was_and_answers_the_same_when_merged() -> None:
    plain = load_backbone("efficientnet_lite0", weights="random", size=32)
    x = images(2, channels=3, size=32)
    model = add_lora(deepcopy(plain), rank=2)
    assert torch.equal(model.eval()(x), plain.eval()(x))
    answers = awake(model)(x)
    assert not torch.allclose(answers, plain(x), atol=1e-3)
    merged = merge_lora(model)
    torch.testing.assert_close(merged(x), answers, atol=1e-5, rtol=1e-4)
    assert merged.state_dict().keys() == plain.state_dict().keys()


def test_every_layer_that_mixes_channels_gets_an_adapter_of_the_size_that_the_paper_says() -> None:
    plain = load_backbone("efficientnet_lite0", weights="random", size=32)
    fits = [
        m for m in plain.stages.modules() if isinstance(m, nn.Conv2d | nn.Linear)
        if getattr(m, "groups", 1) == 1
    ]  # fmt: skip
    model = add_lora(deepcopy(plain), rank=2)
    assert len(list(adapters(model))) == len(fits)
    numbers = sum(2 * (m.weight[0].numel() + len(m.weight)) for m in fits)
    counted = trainable_table(model)["trainable parameters"]
    assert counted.drop("head").sum() == numbers
    assert counted["head"] == sum(p.numel() for p in plain.head.parameters())


def test_training_moves_the_adapters_and_nothing_else_below_the_head() -> None:
    task = load_task("digits", shots=2)
    model = add_lora(with_head(vgg(), task.classes), rank=2)
    before = snapshot(model)
    weights = {n: p.clone() for n, p in model.stages.named_parameters() if "base" in n}
    fit(model, task, epochs=2, lr=1e-2)
    found = audit(model, before)
    assert set(found["verdict"].drop("head")) == {Finding.ADAPTER_MOVED}
    assert set(found["claimed"].drop("head")) == {State.ADAPTED}
    for name, weight in weights.items():
        assert torch.equal(model.stages.get_parameter(name), weight)
    assert found["buffers moved"]["block1"].startswith("0 of")


@pytest.mark.parametrize("what", ["weight", "buffer"])
def test_the_audit_finds_out_what_moved_beside_an_adapter(what: str) -> None:
    model = add_lora(vgg(), "block2")
    before = snapshot(model)
    assert audit(model, before)["verdict"]["block2"] == Finding.ADAPTER_STILL
    if what == "weight":
        next(adapters(model)).base.weight.data[0] += 1e-6
    else:
        model.train()(images())
    assert audit(model, before)["verdict"]["block2"] == Finding.FROZEN_MOVED


def test_freezing_stops_adapters_and_unfreezing_wakes_nothing_else() -> None:
    model = add_lora(vgg(), "block2", "block3")
    assert frozen_stages(model) == ("block1", "fc")
    assert frozen_stages(freeze(model, through="block2")) == ("block1", "block2", "fc")
    unfreeze(model, "block2")
    learning = [name for name, p in model.stages.block2.named_parameters() if p.requires_grad]
    assert learning == [f"{k}.{which}.weight" for k in "03" for which in ("down", "up")]
    merged = unfreeze(merge_lora(model), "block2")
    assert all(p.requires_grad for p in merged.stages.block2.parameters())


def test_what_is_stored_of_a_task_brings_its_answers_back() -> None:
    task = load_task("digits", shots=2)
    ways = {
        "adapters": lambda: add_lora(with_head(vgg(), task.classes), "block3", rank=1),
        "last stages": lambda: freeze(with_head(vgg(), task.classes), through="block2"),
    }
    for make in ways.values():
        model = make()
        fit(model, task, epochs=1, lr=1e-2)
        stored = task_state(model)
        again = make()
        assert again.load_state_dict(stored, strict=False).unexpected_keys == []
        torch.testing.assert_close(again.eval()(images()), model(images()), atol=1e-5, rtol=1e-4)


def test_a_layer_keeps_its_mode_and_a_seed_draws_the_same_adapters() -> None:
    model = add_lora(vgg().eval(), seed=3)
    assert not any(layer.training for layer in adapters(model))
    other = add_lora(vgg().eval(), seed=3)
    pairs = zip(adapters(model), adapters(other), strict=True)
    assert all(torch.equal(a.down.weight, b.down.weight) for a, b in pairs)


def test_an_old_gradient_moves_nothing() -> None:
    model = vgg()
    F.cross_entropy(model(images()), torch.arange(8)).backward()
    add_lora(model)
    assert all(p.grad is None for layer in adapters(model) for p in layer.base.parameters())
    assert all(p.grad is None for p in model.stages.parameters())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda: add_lora(vgg(), "block9"), "Did you mean"),
        (lambda: add_lora(vgg(), rank=0), "rank=0"),
        (lambda: add_lora(add_lora(vgg())), "merge_lora"),
        (
            lambda: add_lora(
                StagedModel("m", nn.Identity(), {"r": nn.ReLU()}, nn.Linear(2, 2), "ab", "none")
            ),
            "no linear layer",
        ),
    ],
)
def test_errors_name_the_fix(change, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        change()
    with pytest.raises(TypeError, match="staged"):
        add_lora(nn.Linear(2, 2))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="cut it into stages with"):
        merge_lora(nn.Linear(2, 2))  # type: ignore[arg-type]


def test_an_adapter_is_a_layer_of_torch() -> None:
    layer = LoRA(nn.Linear(4, 3), rank=2, alpha=2.0)
    layer.up.weight.data.fill_(1.0)
    x = torch.eye(4)
    by_hand = layer.base(x) + x @ layer.down.weight.T @ layer.up.weight.T
    torch.testing.assert_close(layer(x), by_hand)
