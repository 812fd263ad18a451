"""How each published network is built and cut into an ordered row of named stages and a head.

The stage names are those of the papers: VGG's blocks and fully-connected layers, ResNet's layers,
EfficientNet's stages 1 to 9. A cut returns the stages (the last one outputs one vector per image)
and the linear classifier on top of them. Networks that are not listed here are cut by `cutting`.
"""

from __future__ import annotations

from collections.abc import Iterable

import torchvision.models as tv
from torch import nn

Cut = tuple[dict[str, nn.Module], nn.Linear]


def build_vgg16() -> tv.VGG:
    """Build VGG16, configuration D (Simonyan and Zisserman 2014, arXiv:1409.1556) [C16]."""
    return tv.vgg16()


def cut_vgg16(network: tv.VGG) -> Cut:
    """Cut into five blocks, each ending in a pooling, then fc6 and fc7; fc8 is the head."""
    names = ("block1", "block2", "block3", "block4", "block5")
    return _convolutions_and_fc(network, names, cuts=(0, 5, 10, 17, 24, 31))


def build_alexnet() -> tv.AlexNet:
    """Build AlexNet in one column (Krizhevsky 2014, arXiv:1404.5997)."""
    return tv.alexnet()


def cut_alexnet(network: tv.AlexNet) -> Cut:
    """Cut into five convolutions with their poolings, then fc6 and fc7; fc8 is the head."""
    names = ("conv1", "conv2", "conv3", "conv4", "conv5")
    return _convolutions_and_fc(network, names, cuts=(0, 3, 6, 8, 10, 13))


def build_resnet50() -> tv.ResNet:
    """Build ResNet-50 (He et al. 2015, arXiv:1512.03385)."""
    return tv.resnet50()


def cut_resnet50(network: tv.ResNet) -> Cut:
    """Cut into the stem and four layers; global pooling belongs to the last."""
    n = network
    stages = {
        "stem": nn.Sequential(n.conv1, n.bn1, n.relu, n.maxpool),
        "layer1": n.layer1,
        "layer2": n.layer2,
        "layer3": n.layer3,
        "layer4": nn.Sequential(n.layer4, n.avgpool, nn.Flatten()),
    }
    return stages, n.fc


def build_inception_v3() -> tv.Inception3:
    """Build Inception v3 (Szegedy et al. 2015, arXiv:1512.00567)."""
    return tv.inception_v3(init_weights=False)


def cut_inception_v3(network: tv.Inception3) -> Cut:
    """Cut into the stem and three groups of mixed blocks; the auxiliary classifier is left out."""
    n = network
    stem = (n.Conv2d_1a_3x3, n.Conv2d_2a_3x3, n.Conv2d_2b_3x3, n.maxpool1)
    last = (n.Mixed_7a, n.Mixed_7b, n.Mixed_7c)
    stages: dict[str, nn.Module] = {
        "stem": nn.Sequential(*stem, n.Conv2d_3b_1x1, n.Conv2d_4a_3x3, n.maxpool2),
        "mixed5": nn.Sequential(n.Mixed_5b, n.Mixed_5c, n.Mixed_5d),
        "mixed6": nn.Sequential(n.Mixed_6a, n.Mixed_6b, n.Mixed_6c, n.Mixed_6d, n.Mixed_6e),
        "mixed7": nn.Sequential(*last, n.avgpool, n.dropout, nn.Flatten()),
    }
    return stages, n.fc


def build_efficientnet_b0() -> tv.EfficientNet:
    """Build EfficientNet-B0 (Tan and Le 2019, arXiv:1905.11946)."""
    return tv.efficientnet_b0()


def cut_efficientnet_b0(network: tv.EfficientNet) -> Cut:
    """Cut into the paper's nine stages; global pooling and dropout belong to the last."""
    stages = {f"stage{k}": block for k, block in enumerate(network.features, start=1)}
    dropout, head = network.classifier
    stages["stage9"] = nn.Sequential(stages["stage9"], network.avgpool, nn.Flatten(), dropout)
    return stages, head


def build_small_vgg() -> nn.Sequential:
    """Build a small VGG for 28-pixel images: three blocks with batch normalization, one fc."""
    fc = nn.Sequential(nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Linear(576, 128), nn.ReLU())
    return nn.Sequential(
        _vgg_block(3, 16), _vgg_block(16, 32), _vgg_block(32, 64), fc, nn.Linear(128, 10)
    )


def cut_small_vgg(network: nn.Sequential) -> Cut:
    """Cut into three blocks and one fully-connected layer."""
    *stages, head = network
    assert isinstance(head, nn.Linear)
    return dict(zip(("block1", "block2", "block3", "fc"), stages, strict=True)), head


def _vgg_block(channels_in: int, channels: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for c in (channels_in, channels):
        layers += [nn.Conv2d(c, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)]
        layers.append(nn.ReLU())
    return nn.Sequential(*layers, nn.MaxPool2d(2))


def _convolutions_and_fc(
    network: tv.VGG | tv.AlexNet, names: Iterable[str], cuts: tuple[int, ...]
) -> Cut:
    """Cut VGG16 and AlexNet, whose classifiers both hold fc6, fc7 and fc8 in seven layers."""
    pieces = zip(names, cuts, cuts[1:], strict=False)
    stages: dict[str, nn.Module] = {name: network.features[a:b] for name, a, b in pieces}
    stages["fc6"] = nn.Sequential(network.avgpool, nn.Flatten(), *network.classifier[:3])
    stages["fc7"] = network.classifier[3:6]
    return stages, network.classifier[6]
