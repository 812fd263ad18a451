"""The anatomy against torchvision's own figures, published ones, and gradients."""

import pytest
import torch
import torchvision.models as tv
from hypothesis import given, settings, strategies as st
from torch import nn

from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.networks.structure import ReceptiveField, anatomy


def on_meta(name: str) -> StagedModel:
    """Build a network without drawing its weights: only shapes are asked for."""
    with torch.device("meta"):
        return load_backbone(name, weights="random")


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("alexnet", tv.AlexNet_Weights.IMAGENET1K_V1),
        ("vgg16_torchvision", tv.VGG16_Weights.IMAGENET1K_V1),
        ("resnet50", tv.ResNet50_Weights.IMAGENET1K_V1),
        ("inception_v3", tv.Inception_V3_Weights.IMAGENET1K_V1),
        ("efficientnet_b0", tv.EfficientNet_B0_Weights.IMAGENET1K_V1),
    ],
)
def test_parameters_and_multiply_adds_are_torchvisions(name: str, weights) -> None:
    table = anatomy(on_meta(name), size=weights.transforms().crop_size[0])
    parameters = int(table["parameters"].sum())
    if name == "inception_v3":  # torchvision counts the auxiliary classifier, which we leave out
        with torch.device("meta"):
            auxiliary = tv.inception_v3(init_weights=False).AuxLogits
        parameters += sum(p.numel() for p in auxiliary.parameters())
    assert parameters == weights.meta["num_params"]
    billions = table["multiply-adds"].sum() / 1e9
    assert billions == pytest.approx(weights.meta["_ops"], abs=6e-4)  # given to three places


def test_vgg16_is_the_papers() -> None:
    table = anatomy(on_meta("vgg16_torchvision"))
    assert table["output"].tolist() == [
        "64 × 112 × 112", "128 × 56 × 56", "256 × 28 × 28", "512 × 14 × 14", "512 × 7 × 7",
        "4096", "4096", "1000",
    ]  # fmt: skip
    assert table["receptive field"].tolist()[:5] == [6, 16, 44, 100, 212]
    assert table["receptive field"].isna().tolist() == [False] * 5 + [True] * 3
    assert table.loc["block1", "parameters"] == 3 * 64 * 9 + 64 + 64 * 64 * 9 + 64
    assert table.loc["block1", "multiply-adds"] == 224 * 224 * 9 * (3 * 64 + 64 * 64)
    assert table.loc["fc6", "multiply-adds"] == 512 * 7 * 7 * 4096


def test_alexnet_sees_195_pixels() -> None:
    fields = anatomy(on_meta("alexnet"))["receptive field"].tolist()[:5]
    assert fields == [19, 67, 99, 131, 195]


def test_a_network_that_is_no_chain_has_no_receptive_field_from_there_on() -> None:
    fields = anatomy(on_meta("resnet50"))["receptive field"]
    assert fields["stem"] == 11
    assert fields["layer1":].isna().all()


layer = st.tuples(st.sampled_from(["conv", "pool"]), st.integers(1, 4), st.integers(1, 2))


@settings(max_examples=30, deadline=None)
@given(layers=st.lists(layer, min_size=1, max_size=4))
def test_the_receptive_field_is_where_the_gradient_is_not_zero(layers) -> None:
    chain = nn.Sequential()
    for kind, kernel, stride in layers:
        if kind == "conv":
            chain.append(nn.Conv2d(1, 1, kernel, stride=stride))
            nn.init.constant_(chain[-1].weight, 0.5)
        else:
            chain.append(nn.AvgPool2d(kernel, stride))
    image = torch.zeros(1, 1, 80, 80, dtype=torch.float64, requires_grad=True)
    chain.double()(image)[0, 0, 0, 0].backward()
    side = int((image.grad[0, 0, 0] != 0).sum())
    # the output's corner sees the image's corner; a stride over its own kernel leaves holes
    assert ReceptiveField().after(chain) == int(image.grad[0, 0, 0].nonzero().max()) + 1 >= side


def test_stage_by_stage_is_all_at_once() -> None:
    chain = nn.Sequential(
        nn.Conv2d(1, 1, 5, stride=2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(1, 1, 3)
    )
    field = ReceptiveField()
    one_by_one = [field.after(part) for part in chain]
    assert one_by_one == [5, 5, 9, 17]
    assert ReceptiveField().after(chain) == 17
    assert ReceptiveField().after(nn.Sequential(chain[:2], chain[2:])) == 17


def test_counting_leaves_the_model_as_it_was() -> None:
    model = load_backbone("small_vgg", weights="random").train()
    before = {name: t.clone() for name, t in model.state_dict().items()}
    in_training = anatomy(model, size=28)
    assert all(torch.equal(t, before[name]) for name, t in model.state_dict().items())
    assert model.stages.block1[1].training
    assert anatomy(model.eval(), size=28).equals(in_training)
