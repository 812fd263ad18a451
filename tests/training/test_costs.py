"""The predicted cost: a formula by hand, and what must hold of every prediction."""

import pytest
from hypothesis import given, settings, strategies as st

from cs826tl.data.loading import load_task
from cs826tl.networks.published import load_backbone
from cs826tl.training.costs import predict_cost, stage_seconds
from cs826tl.training.freezing import freeze, unfreeze

PARTS = ["block1", "block2", "block3", "fc", "head"]
MODEL = load_backbone("small_vgg", weights="random")
SECONDS = dict(zip(PARTS, [1.0, 10.0, 100.0, 1000.0, 10000.0], strict=True))

some_parts = st.sets(st.sampled_from(PARTS))
some_seconds = st.fixed_dictionaries({name: st.floats(0, 10) for name in PARTS})


def cost(frozen: set[str], seconds: dict[str, float], images: int = 1):
    unfreeze(MODEL)
    if frozen:
        freeze(MODEL, *frozen)
    return predict_cost(MODEL, images, seconds)


@pytest.mark.parametrize(
    ("frozen", "codes", "epoch"),
    [
        # forward 1; backward for the input 1, unless nothing below needs it; for the weights 1
        (set(), 0, 2 * 1 + 3 * 11110),
        ({"block1"}, 1, 2 * 10 + 3 * 11100),
        ({"block1", "block2", "block3"}, 111, 2 * 1000 + 3 * 10000),
        ({"block1", "block2", "block3", "fc"}, 1111, 2 * 10000),
        ({"block2"}, 0, 2 * 1 + 2 * 10 + 3 * 11100),  # no codes: the block below trains
        ({"block1", "fc"}, 1, 2 * 10 + 3 * 100 + 2 * 1000 + 3 * 10000),
    ],
)
def test_the_formula_by_hand(frozen: set[str], codes: float, epoch: float) -> None:
    predicted = cost(frozen, SECONDS, images=3)
    assert predicted.codes_seconds == pytest.approx(3 * codes)
    assert predicted.epoch_seconds == pytest.approx(3 * epoch)


def test_validation_runs_forward_only() -> None:
    freeze(unfreeze(MODEL), through="block2")
    alone = predict_cost(MODEL, 3, SECONDS)
    watched = predict_cost(MODEL, 3, SECONDS, validation=2)
    assert watched.codes_seconds - alone.codes_seconds == pytest.approx(2 * 11)
    assert watched.epoch_seconds - alone.epoch_seconds == pytest.approx(2 * 11100)


@settings(deadline=None)
@given(frozen=some_parts)
def test_what_is_counted_is_what_can_be_trained(frozen: set[str]) -> None:
    predicted = cost(frozen, SECONDS)
    trainable = sum(p.numel() for name in PARTS if name not in frozen
                    for p in MODEL.parts[name].parameters())  # fmt: skip
    assert predicted.trainable == trainable
    assert predicted.parameters == sum(p.numel() for p in MODEL.parameters())
    assert predicted.gradient_bytes == 4 * trainable  # float32
    assert predicted.optimizer_bytes == 8 * trainable  # AdamW: two moments


@settings(deadline=None)
@given(frozen=some_parts, more=some_parts, seconds=some_seconds)
def test_unfreezing_never_makes_an_epoch_cheaper(frozen, more, seconds) -> None:
    before, after = cost(frozen, seconds), cost(frozen - more, seconds)
    assert after.epoch_seconds >= before.epoch_seconds - 1e-9
    assert after.trainable >= before.trainable
    assert after.codes_seconds <= before.codes_seconds + 1e-9


@settings(deadline=None)
@given(frozen=some_parts, a=some_seconds, b=some_seconds, images=st.integers(0, 10**5))
def test_seconds_add_up_over_images_and_over_parts(frozen, a, b, images: int) -> None:
    both = cost(frozen, {name: a[name] + b[name] for name in PARTS}, images)
    one, other = cost(frozen, a), cost(frozen, b)
    for field in ("codes_seconds", "epoch_seconds"):
        parts = images * (getattr(one, field) + getattr(other, field))
        assert getattr(both, field) == pytest.approx(parts)


def test_every_part_is_measured_on_the_batch_given() -> None:
    model = load_backbone("small_vgg", weights="random")
    seen: list[int] = []
    for part in model.parts.values():
        part.register_forward_hook(lambda _, inputs, __: seen.append(len(inputs[0])))
    seconds = stage_seconds(model, load_task("digits").test.inputs[:6], repeats=2)
    assert list(seconds) == PARTS
    assert all(0 < s < 60 for s in seconds.values())
    assert seen == [6] * 15  # five parts, twice, and once to warm up


def test_a_part_takes_the_fastest_of_its_runs_by_picture(monkeypatch) -> None:
    took = [[9.0] * 5, [3.0] * 5, [1.0, 2, 3, 4, 5], [2.0, 3, 4, 5, 6]]  # the first warms up
    times = [now for run in took for seconds in run for now in (100.0, 100.0 + seconds)]
    monkeypatch.setattr("cs826tl.training.costs.time.perf_counter", iter(times).__next__)
    model = load_backbone("small_vgg", weights="random")
    seconds = stage_seconds(model, load_task("digits").test.inputs[:4])
    assert list(seconds.values()) == [1 / 4, 2 / 4, 3 / 4, 3 / 4, 3 / 4]
