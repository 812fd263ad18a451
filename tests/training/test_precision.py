"""Number types, on the CPU: near float32, with steps skipped where a gradient overflows."""

import math

import pytest
import torch
from torch import Tensor

from cs826tl.data.loading import load_task
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import clear_codes, encode
from cs826tl.training.evaluation import evaluate
from cs826tl.training.fitting import fit
from cs826tl.training.freezing import freeze
from cs826tl.training.history import Doing, History
from cs826tl.training.loop import Training

TASK = load_task("digits", shots=8)
ERROR = {"bfloat16": 0.03, "float16": 0.005}  # relative; they have 8 and 11 bits of precision


@pytest.fixture(autouse=True)
def _codes_of_its_own(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    clear_codes()


def model(through: str | None = None) -> StagedModel:
    network = load_backbone("small_vgg", weights="random")
    return freeze(network, through=through) if through else network


def train(network: StagedModel, **options) -> History:
    return fit(network, TASK, **{"epochs": 3, "device": "cpu", "progress": False} | options)


@pytest.mark.parametrize("precision", ERROR)
def test_codes_are_near_those_in_float32_and_kept_apart(precision: str) -> None:
    network, images = model(), TASK.test.inputs
    exact = encode(network, images, precision="float32")
    given = encode(network, images, precision=precision)
    assert 0 < (given - exact).norm() <= ERROR[precision] * exact.norm()
    assert torch.equal(encode(network, images, precision=precision), given)
    assert torch.equal(encode(network, images), exact)


@pytest.mark.parametrize("through", [None, "block2"])
@pytest.mark.parametrize("precision", ERROR)
def test_training_is_near_that_in_float32(precision: str, through: str | None) -> None:
    exact, given = model(through), model(through)
    wanted, history = train(exact), train(given, precision=precision)
    assert history["loss"][1:] == pytest.approx(wanted["loss"][1:], rel=0.05)
    assert history["validation_loss"] == pytest.approx(wanted["validation_loss"], rel=0.05)
    assert given.head.weight.dtype == torch.float32
    accuracy = evaluate(given, TASK, "validation", precision=precision)
    assert accuracy == history["validation_accuracy"][-1]


@pytest.mark.parametrize(("precision", "scaled"), [("float16", 1), ("bfloat16", 0), ("auto", 0)])
def test_only_float16_scales_its_gradients(precision: str, scaled: int) -> None:
    training = Training(model(), TASK, precision=precision, device="cpu")
    assert training.scaler.is_enabled() == bool(scaled)


def steep(factor: float):
    """Return a penalty whose gradient is `factor`, and whose value is next to nothing."""

    def penalty(network: StagedModel, inputs: Tensor, outputs: Tensor) -> Tensor:
        weight = network.head.bias.sum()
        return factor * (weight - weight.detach())

    return penalty


def test_a_skipped_step_is_no_reason_to_stop() -> None:
    training = Training(
        model(), TASK, epochs=2, precision="float16", device="cpu", penalty=steep(1e35)
    )
    before = training.model.head.weight.detach().clone()
    moved = []
    for step in training:
        if step.doing is Doing.TRAINING:
            moved.append(not torch.equal(training.model.head.weight, before))
    assert moved[0] is False  # 65536 times this gradient is more than float32 holds
    assert moved[-1] is True  # at a lower scale it fits
    assert training.scaler.get_scale() < 2**16
    assert training.history["epoch"] == [0, 1, 2]
    assert training.history.stopped == ""


def test_gradients_that_overflow_at_every_scale_do_stop() -> None:
    history = train(model(), epochs=40, precision="float16", penalty=steep(float("inf")))
    assert "the loss is nan; try precision='float32', or a smaller lr" in history.stopped
    history = train(model(), epochs=40, precision="float16", penalty=overflowing)
    assert "the gradients are infinite in float16 at every scale" in history.stopped
    assert all(math.isfinite(loss) for loss in history["validation_loss"])


def overflowing(network: StagedModel, inputs: Tensor, outputs: Tensor) -> Tensor:
    """Return zero, whose gradient is infinite: that of the square root at zero."""
    distance = network.head.bias.sum() - network.head.bias.sum().detach()
    return distance.square().sqrt()


def test_without_float16_a_smaller_rate_is_the_advice() -> None:
    history = train(model(), lr=1e30)
    assert history.stopped.endswith("try a smaller lr")


@pytest.mark.parametrize(
    ("batch_size", "advice"),
    [(32, "try batch_size=16, or freeze"), (2, "try batch_size=1, or freeze"), (1, "freeze")],
)
def test_where_no_batch_is_smaller_only_freezing_is_advised(batch_size: int, advice: str) -> None:
    def refuse(*_: object) -> Tensor:
        raise MemoryError

    history = train(model(), penalty=refuse, batch_size=batch_size)
    assert history.stopped == f"memory is full; {advice} more stages"


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), MemoryError()])
def test_a_full_memory_keeps_the_history_and_names_a_smaller_batch(error: Exception) -> None:
    calls = []

    def refuse(*_: object) -> Tensor:
        calls.append(1)
        if len(calls) == 5:  # three batches an epoch: in the second
            raise error
        return torch.zeros(())

    history = train(model(), penalty=refuse)
    assert history.stopped == "memory is full; try batch_size=16, or freeze more stages"
    assert history["epoch"] == [0, 1]
