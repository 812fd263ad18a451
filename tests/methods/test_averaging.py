"""Averages of weights against sums by hand, and what a soup must keep."""

import pytest
import torch

from cs826tl import load_task
from cs826tl.methods.averaging import interpolate, soup
from cs826tl.networks.heads import with_head
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel


def vgg(seed: int = 0) -> StagedModel:
    return load_backbone("small_vgg", weights="random", size=16, seed=seed)


def test_every_tensor_is_the_weighted_sum_and_the_ends_stay() -> None:
    first, second = vgg(0), vgg(1)
    first.stages.block1[1].running_mean += 1
    kept = {name: t.clone() for name, t in first.state_dict().items()}
    mixed = interpolate(first, second, 0.3).state_dict()
    for name, tensor in first.state_dict().items():
        if tensor.is_floating_point():
            torch.testing.assert_close(mixed[name], 0.7 * tensor + 0.3 * second.state_dict()[name])
        assert torch.equal(tensor, kept[name])
    for weight, end in ((0.0, first), (1.0, second)):
        images = load_task("digits").test.inputs[:4]
        assert torch.equal(interpolate(first, second, weight)(images), end.eval()(images))


def test_a_soup_is_the_mean() -> None:
    models = [vgg(seed) for seed in range(3)]
    mean = torch.stack([m.head.weight for m in models]).mean(0)
    torch.testing.assert_close(soup(models).head.weight, mean)


def test_networks_that_cannot_be_averaged_are_refused() -> None:
    with pytest.raises(ValueError, match="averaged"):
        interpolate(vgg(), with_head(vgg(), ["a", "b"]), 0.5)
    with pytest.raises(ValueError, match="averaged"):
        interpolate(with_head(vgg(), ["c", "d"]), with_head(vgg(), ["a", "b"]), 0.5)
    with pytest.raises(ValueError, match="at least one"):
        soup([])
