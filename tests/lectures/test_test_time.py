"""Lecture 13b: streams, the check of the exercise, and the explorer's missions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import cs826tl as tl
from cs826tl.data.tasks import Split
from cs826tl.lectures.test_time import experiments as app
from cs826tl.lectures.test_time.checks import check_normalised
from cs826tl.lectures.test_time.explorer import MISSIONS, StreamController
from cs826tl.widgets.controls import Choice

Normalise = Callable[[Tensor], Tensor]


def over(*dims: int) -> Normalise:
    def normalise(x: Tensor) -> Tensor:
        return (x - x.mean(dims, keepdim=True)) / x.std(dims, keepdim=True)

    return normalise


def test_the_layer_itself_passes_the_check() -> None:
    layer = nn.BatchNorm2d(2).train()
    assert check_normalised(layer).startswith("Right")


@pytest.mark.parametrize(
    ("yours", "hint"),
    [
        (over(2, 3), "by picture"),
        (over(0), "by place"),
        (over(0, 1, 2, 3), "one mean for all channels"),
        (over(1), "across the channels"),
        (lambda x: over(0, 2, 3)(x) / x.std((0, 2, 3), keepdim=True), "divide by the variance"),
        (lambda x: x - x.mean((0, 2, 3), keepdim=True), "standard deviation, too"),
        (lambda x: x, "subtract"),
        (lambda x: x.mean(), "same shape"),
    ],
)
def test_each_wrong_answer_gets_its_own_hint(yours: Normalise, hint: str) -> None:
    said = check_normalised(yours)
    assert said.startswith("Not yet")
    assert hint in said


def test_a_stream_in_order_has_the_same_pictures_one_class_after_the_other() -> None:
    mixed, in_order = (app.stream(number=200, in_order=order) for order in (False, True))
    assert in_order.labels.tolist() == sorted(mixed.labels.tolist())
    assert mixed.labels.tolist() != in_order.labels.tolist()
    assert sorted(x.sum().item() for x in mixed.inputs) == sorted(
        x.sum().item() for x in in_order.inputs
    )


def test_a_lens_changes_the_pictures_and_not_the_labels_and_a_seed_draws_others() -> None:
    clean, flat, others = app.stream(number=50), app.stream("contrast", 50), app.stream(seed=1)
    assert clean.labels.equal(flat.labels)
    assert flat.inputs.float().std() < 0.7 * clean.inputs.float().std()
    assert not clean.inputs.equal(others.inputs[:50])


def test_stretching_undoes_low_contrast_and_smoothing_lessens_noise() -> None:
    like = tl.load_task("cifar10", shots=20).train
    clean = app.stream(number=50)
    for lens, how in (("contrast", "stretched"), ("gaussian_noise", "smoothed")):
        bad = app.stream(lens, 50)
        near, far = (
            (split.inputs.float() - clean.inputs.float()).square().mean()
            for split in (app.mended(bad, like)[how], bad)
        )
        assert near < far


def test_the_lectures_three_lines_do_what_renewed_does() -> None:
    task = tl.load_task("digits")
    model = tl.load_backbone("small_vgg", weights="random").eval()
    expected = app.renewed(model, task.test, batch_size=64)
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean = layer.running_var = None
    with torch.no_grad():
        answers = torch.cat([model(x) for x in task.test.inputs.split(64)]).argmax(1)
    assert (answers == task.test.labels).double().mean().item() == pytest.approx(expected)


class Shares(StreamController):
    """The controller, with given shares instead of a network's."""

    def __init__(self, before: float, after: float) -> None:
        model, few = tl.load_backbone("small_vgg", weights="random"), tl.load_task("digits").test
        super().__init__(model, ("fog", app.STAR), lambda lens, in_order: few[:2])
        self.shares = before, after

    def measure(self) -> tuple[float, float]:
        return self.shares


@pytest.mark.parametrize(
    ("shares", "settings", "met"),
    [
        ((0.3, 0.42), {"lens": "gaussian_noise", "batch": "4"}, [0]),
        ((0.3, 0.41), {"lens": "gaussian_noise", "batch": "4"}, []),
        ((0.3, 0.5), {"lens": "gaussian_noise"}, []),
        ((0.3, 0.5), {"lens": "fog", "batch": "4"}, []),
        ((0.31, 0.2), {"batch": "4"}, [1]),
        ((0.31, 0.2), {"order": "one class at a time"}, []),
        ((0.2, 0.31), {"lens": "gaussian_noise", "order": "one class at a time"}, [2]),
        ((0.2, 0.31), {"lens": "fog", "order": "one class at a time"}, []),
    ],
)
def test_missions_are_met_by_what_is_measured(
    shares: tuple[float, float], settings: dict[str, str], met: list[int]
) -> None:
    controller = Shares(*shares)
    controller.settings |= settings
    controller.set(*next(iter(settings.items())))
    assert controller.met == {MISSIONS[k] for k in met}


def test_a_network_is_asked_once_for_each_setting() -> None:
    digits, asked = tl.load_task("digits").test[:64], []

    def stream(lens: str, *, in_order: bool) -> Split:
        asked.append((lens, in_order))
        return digits

    model = tl.load_backbone("small_vgg", weights="random")
    controller = StreamController(model, ("fog",), stream)
    controller.view()
    controller.set("lens", "fog")
    controller.set("order", "one class at a time")
    before, after = controller.measure()
    assert asked == [("clean", False), ("fog", False), ("fog", True)]
    assert before == tl.evaluate(model, (digits.inputs, digits.labels))
    assert after == app.renewed(model, digits, 64)
    assert {control.name for control in controller.controls()} == set(controller.settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"lens": app.STAR, "batch": "4", "prior": "16"},
        {"lens": "clean", "batch": "4", "prior": "0"},
        {"lens": app.STAR, "order": "one class at a time", "batch": "256", "prior": "0"},
    ],
)
def test_a_page_offers_what_solves_each_mission(settings: dict[str, str]) -> None:
    controls = {control.name: control for control in Shares(0.3, 0.5).controls()}
    for name, value in settings.items():
        control = controls[name]
        assert isinstance(control, Choice)
        assert value in StreamController.worth.offered(control)
