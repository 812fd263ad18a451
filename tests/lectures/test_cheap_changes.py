"""Lecture 13: the ways to learn, the check of the exercise, and the line between two networks."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

import cs826tl as tl
from cs826tl.lectures.cheap_changes import check_merged, line_explorer
from cs826tl.lectures.cheap_changes.checks import Merge
from cs826tl.lectures.cheap_changes.experiments import everything
from cs826tl.lectures.cheap_changes.explorer import (
    BACK,
    FORTH,
    VALLEY,
    WEIGHTS,
    LineController,
)
from cs826tl.lectures.cheap_changes.opinions import only_biases
from cs826tl.lectures.cheap_changes.plots import plot_adapter, plot_line
from cs826tl.methods.averaging import interpolate


def changed_in_place(weight: Tensor, down: Tensor, up: Tensor, scale: float) -> Tensor:
    weight += scale * up @ down
    return weight


@pytest.mark.parametrize(
    ("yours", "said"),
    [
        (lambda w, down, up, scale: w + scale * up @ down, "Right"),
        (lambda w, down, up, scale: w + scale * torch.einsum("or,ri->oi", up, down), "Right"),
        (lambda w, down, up, scale: w, "Not yet: the weight is as it was"),
        (lambda w, down, up, scale: w + up @ down, "Not yet: multiply"),
        (lambda w, down, up, scale: scale * up @ down, "Not yet: that is only the change"),
        (lambda w, down, up, scale: scale * (w + up @ down), "Not yet: scale multiplies only"),
        (lambda w, down, up, scale: w + scale * (up @ down).T, "Not yet: first `down`"),
        (lambda w, down, up, scale: w + scale * down @ up, "Not yet: the shapes do not fit"),
        (lambda w, down, up, scale: w - up @ down, "Not yet: the layer's weight, plus"),
        (lambda w, down, up, scale: None, "Not yet: return a tensor"),
        (changed_in_place, "Not yet: it changes the weight"),
    ],
)
def test_the_check_says_what_is_wrong_with_a_merge(yours: Merge, said: str) -> None:
    assert check_merged(yours).startswith(said)


def statistics(model: nn.Module) -> list[Tensor]:
    layers = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    return [t.clone() for m in layers for t in (m.running_mean, m.running_var, m.weight, m.bias)]


@pytest.mark.parametrize(("way", "stays"), [(everything, True), (tl.unfreeze, False)])
def test_everything_leaves_batch_normalisation_as_it_is(
    way: Callable[[tl.StagedModel], tl.StagedModel], *, stays: bool
) -> None:
    task = tl.load_task("digits", shots=2)
    model = way(tl.with_head(tl.load_backbone("small_vgg", weights="random"), task.classes))
    before, weight = statistics(model), model.stages.block1[0].weight.clone()
    tl.fit(model, task, epochs=1, progress=False)
    assert all(map(torch.equal, before, statistics(model))) == stays
    assert not torch.equal(model.stages.block1[0].weight, weight)


def test_only_biases_and_the_head_learn() -> None:
    model = only_biases(tl.load_backbone("small_vgg", weights="random"))
    learning = {name for name, p in model.named_parameters() if p.requires_grad}
    assert "head.weight" in learning
    assert {name for name in learning if not name.endswith("bias")} == {"head.weight"}
    assert len(learning) == 1 + sum(n.endswith("bias") for n, _ in model.named_parameters())


def test_every_point_of_the_line_is_measured_on_the_mixed_network() -> None:
    first, end = (
        tl.load_backbone("small_vgg", weights="random", size=8, seed=seed) for seed in (0, 1)
    )
    task = tl.load_task("digits", shots=1)

    def measure(model: tl.StagedModel) -> dict[str, float]:
        return {split: tl.evaluate(model, task, split) for split in ("test", "validation")}

    explorer = line_explorer(first, {"end": end}, measure)
    explorer.set("weight", 0.3)
    here = measure(interpolate(first, end, 0.3))
    said = "; ".join(f"{split} {share:.0%}" for split, share in here.items())
    assert explorer.state["status"] == f"With a weight of 0.3, right: {said}."
    _, table = explorer.state["tables"]
    before, after = measure(first), measure(end)
    assert [list(row) for row in table["rows"]] == [
        [split, *(f"{shares[split]:.0%}" for shares in (before, here, after))] for split in here
    ]
    assert explorer.picture.startswith("data:image/png")
    assert not explorer.state["alert"]


NETWORK = tl.load_backbone("small_vgg", weights="random", size=8)


@pytest.mark.parametrize(
    ("forms", "photographs", "met"),
    [  # at the first network, in the middle, and at the second
        ((0.6, 0.5, 0.9), (0.5, 0.3, 0.3), {VALLEY}),
        ((0.9, 0.85, 0.9), (0.6, 0.4, 0.6), {VALLEY}),
        ((0.6, 0.82, 0.9), (0.5, 0.38, 0.3), {BACK}),
        ((0.6, 0.81, 0.9), (0.5, 0.38, 0.3), set()),
        ((0.6, 0.62, 0.9), (0.6, 0.56, 0.4), {FORTH}),
        ((0.6, 0.61, 0.9), (0.6, 0.57, 0.4), set()),
        ((0.6, 0.56, 0.9), (0.6, 0.51, 0.4), set()),
        ((0.6, 0.65, 0.7), (0.6, 0.57, 0.4), {BACK, FORTH}),
    ],
)
def test_a_mission_is_met_where_it_says(
    forms: tuple[float, ...], photographs: tuple[float, ...], met: set[str]
) -> None:
    shares = iter(
        {"forms": forms[k], "photographs": photographs[k]}
        for k in (0, *[1] * (len(WEIGHTS) - 2), 2)
    )
    controller = LineController(NETWORK, {"end": NETWORK}, lambda _: next(shares))
    controller.set("weight", 0.0)
    assert not controller.met
    controller.set("weight", 1.0)
    assert not controller.met
    controller.set("weight", 0.5)
    assert controller.met == met


def test_a_page_offers_every_place_on_every_line() -> None:
    controller = LineController(
        NETWORK, {"a": NETWORK, "b": NETWORK}, lambda _: {"x": 0.5, "y": 0.5}
    )
    end, weight = controller.controls()
    assert controller.worth.offered(end) == ("a", "b")
    assert controller.worth.offered(weight) == tuple(WEIGHTS)


def test_the_weight_that_is_set_is_marked() -> None:
    line = pd.DataFrame({"a": [0.1, 0.4], "b": [0.9, 0.2]}, index=[0.0, 1.0])
    *curves, mark = plot_line(line, 0.7).lines
    for curve, task in zip(curves, line, strict=True):
        assert list(curve.get_ydata()) == list(line[task])
    assert list(mark.get_xdata()) == [0.7, 0.7]


def test_an_adapter_is_drawn_to_the_scale_of_its_layer() -> None:
    frozen, up, down = plot_adapter(outputs=30, inputs=50, rank=2).patches
    assert (frozen.get_width(), frozen.get_height()) == (50, 30)
    assert (up.get_width(), up.get_height()) == (2, 30)
    assert (down.get_width(), down.get_height()) == (50, 2)
