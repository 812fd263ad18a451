"""Every network is cut whole: nothing is left out, nothing is in two stages, codes are vectors."""

import pytest
import torch
from torch import nn

from cs826tl.networks.shelf import BACKBONES

SIDE = {"tumour_vgg16": 224}  # pixels; the others run at 96

NETWORKS = {
    "vgg16_torchvision": ("block1 block2 block3 block4 block5 fc6 fc7", 4096),
    "alexnet": ("conv1 conv2 conv3 conv4 conv5 fc6 fc7", 4096),
    "resnet50": ("stem layer1 layer2 layer3 layer4", 2048),
    "inception_v3": ("stem mixed5 mixed6 mixed7", 2048),
    "efficientnet_b0": (" ".join(f"stage{k}" for k in range(1, 10)), 1280),
    "efficientnet_lite0": (" ".join(f"stage{k}" for k in range(1, 10)), 1280),
    "efficientnet_lite1": (" ".join(f"stage{k}" for k in range(1, 10)), 1280),
    "efficientnet_lite2": (" ".join(f"stage{k}" for k in range(1, 10)), 1280),
    "tumour_vgg16": ("block1 block2 block3 block4 block5 fc1 fc2 fc3", 256),
    "small_vgg": ("block1 block2 block3 fc", 128),
}


def cut(name: str) -> tuple[nn.Module, dict[str, nn.Module], nn.Linear]:
    """Build a network without drawing its weights, and cut it."""
    with torch.device("meta"):
        network = BACKBONES[name].build().eval()
    stages, head = BACKBONES[name].cut(network)
    return network, stages, head


@pytest.mark.parametrize("name", BACKBONES)
def test_every_parameter_and_buffer_is_in_one_part(name: str) -> None:
    network, stages, head = cut(name)
    parts = [*stages.values(), head]
    held = [id(t) for part in parts for t in [*part.parameters(), *part.buffers()]]
    assert len(held) == len(set(held))
    auxiliary = "AuxLogits."  # Inception's second classifier serves training from scratch only
    tensors = [*network.named_parameters(), *network.named_buffers()]
    assert set(held) == {id(t) for name, t in tensors if not name.startswith(auxiliary)}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_stages_are_the_papers_and_end_in_one_vector_an_image(name: str) -> None:
    network, stages, head = cut(name)
    names, features = NETWORKS[name]
    assert list(stages) == names.split()
    images = torch.empty(2, 3, SIDE.get(name, 96), SIDE.get(name, 96), device="meta")
    codes = nn.Sequential(*stages.values())(images)
    assert codes.shape == (2, features) == (2, head.in_features)
    assert head(codes).shape == network(images).shape


@pytest.mark.parametrize(
    "name", ["vgg16", "vgg16_torchvision", "hed_vgg16", "tumour_vgg16", "small_vgg"]
)
def test_every_block_of_a_vgg_ends_in_its_pooling(name: str) -> None:
    _, stages, _ = cut(name)
    blocks = [list(stage) for key, stage in stages.items() if key.startswith("block")]
    for layers in blocks:
        assert isinstance(layers[-1], nn.MaxPool2d)
        assert sum(isinstance(layer, nn.MaxPool2d) for layer in layers) == 1
    convolutions = [sum(isinstance(layer, nn.Conv2d) for layer in layers) for layers in blocks]
    assert convolutions == ([2, 2, 2] if name == "small_vgg" else [2, 2, 3, 3, 3])


def test_fc6_and_fc7_of_vgg16_end_rectified_as_codes_are() -> None:
    _, stages, _ = cut("vgg16_torchvision")
    for name in ("fc6", "fc7"):
        linear, rectifier, dropout = list(stages[name])[-3:]
        assert (type(linear), type(rectifier), type(dropout)) == (nn.Linear, nn.ReLU, nn.Dropout)
        assert linear.out_features == 4096
