"""A head on the codes of an earlier stage."""

import pytest
import torch

from cs826tl import encode, load_backbone, with_head
from cs826tl.training import pooled


@pytest.mark.parametrize("through", ["block1", "block3", "fc"])
def test_the_head_answers_from_the_pooled_codes_of_that_stage(through: str) -> None:
    backbone = load_backbone("small_vgg", weights="random", size=16, seed=1)
    model = with_head(backbone, ["cat", "dog"], through=through).eval()
    images = torch.randint(256, (4, 1, 28, 28), dtype=torch.uint8)
    linear = model.head if through == "fc" else model.head[-1]
    codes = pooled(encode(backbone, images, until=through))
    torch.testing.assert_close(model(images), linear(codes))
    assert list(model.parts)[-2:] == [through, "head"]


def test_the_backbone_stays_and_shares_nothing() -> None:
    backbone = load_backbone("small_vgg", weights="random", size=16).train()
    backbone.stages.block2.eval()
    before = {name: tensor.clone() for name, tensor in backbone.state_dict().items()}
    model = with_head(backbone, ["cat", "dog"], through="block2")
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert all(before[name].equal(tensor) for name, tensor in backbone.state_dict().items())
    assert backbone.stages.block1.training
    assert not backbone.stages.block2.training


def test_the_seed_draws_the_head_and_an_unknown_stage_is_named() -> None:
    backbone = load_backbone("small_vgg", weights="random", size=16)
    heads = [with_head(backbone, ["a", "b"], through="block1", seed=s).head for s in (0, 0, 1)]
    assert heads[0][-1].weight.equal(heads[1][-1].weight)
    assert not heads[0][-1].weight.equal(heads[2][-1].weight)
    with pytest.raises(ValueError, match="block1, block2, block3, fc"):
        with_head(backbone, ["a", "b"], through="stage9")
