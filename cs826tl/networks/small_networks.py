"""Networks for small computers: EfficientNet-Lite0 to Lite2, MobileNet v2, SqueezeNet 1.1."""

from __future__ import annotations

from collections.abc import Mapping

import torchvision.models as tv
from timm.models.efficientnet import (
    EfficientNet,
    mobilenetv2_100,
    tf_efficientnet_lite0,
    tf_efficientnet_lite1,
    tf_efficientnet_lite2,
)
from torch import Tensor, nn

from cs826tl.networks.headless import NoHead

Cut = tuple[dict[str, nn.Module], nn.Module]


def build_lite0() -> EfficientNet:
    """Build EfficientNet-Lite0: B0 without squeeze-and-excitation and with ReLU6."""
    network: EfficientNet = tf_efficientnet_lite0()
    return network


def build_lite1() -> EfficientNet:
    """Build EfficientNet-Lite1: B1, changed likewise."""
    network: EfficientNet = tf_efficientnet_lite1()
    return network


def build_lite2() -> EfficientNet:
    """Build EfficientNet-Lite2: B2, changed likewise."""
    network: EfficientNet = tf_efficientnet_lite2()
    return network


def build_mobilenet_v2() -> EfficientNet:
    """Build MobileNet v2 (Sandler et al. 2018, arXiv:1801.04381) as Keras has it.

    Its batch normalisation adds 0.001, and before a stride zeros come on the right and below alone.
    """
    network: EfficientNet = mobilenetv2_100(pad_type="same", bn_eps=1e-3, num_classes=0)
    return network


def cut_lite(network: EfficientNet) -> Cut:
    """Cut into the nine stages of the EfficientNet paper; global pooling belongs to the last."""
    n = network
    stages: dict[str, nn.Module] = {"stage1": nn.Sequential(n.conv_stem, n.bn1)}
    stages |= {f"stage{k}": block for k, block in enumerate(n.blocks, start=2)}
    stages["stage9"] = nn.Sequential(n.conv_head, n.bn2, n.global_pool)
    return stages, n.classifier


def cut_mobilenet_v2(network: EfficientNet) -> Cut:
    """Cut into nine stages, as in the paper's table 2; there is no head."""
    stages, _ = cut_lite(network)
    return stages, NoHead()


def mobilenet_v2_tensors(found: Mapping[str, Tensor]) -> list[Tensor]:
    """Return MobileNet's weights, without the two dense layers that were trained on top of it."""
    return [tensor for name, tensor in found.items() if not name.startswith("dense")]


def build_squeezenet1_1() -> tv.SqueezeNet:
    """Build SqueezeNet 1.1 (Iandola et al. 2016, arXiv:1602.07360)."""
    return tv.squeezenet1_1()


def cut_squeezenet1_1(network: tv.SqueezeNet) -> Cut:
    """Cut into the first convolution and eight fire modules; a pooling ends the stage before it.

    The head is a convolution too: it scores every place of the map, and averages the scores.
    """
    layers = list(network.features)
    names = ("conv1", *(f"fire{k}" for k in range(2, 10)))
    begin = [0, *(k for k, layer in enumerate(layers) if hasattr(layer, "squeeze"))]
    ends = [*begin[1:], len(layers)]
    stages: dict[str, nn.Module] = {
        name: nn.Sequential(*layers[a:b]) for name, a, b in zip(names, begin, ends, strict=True)
    }
    return stages, nn.Sequential(*network.classifier, nn.Flatten())
