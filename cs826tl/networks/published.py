"""Published networks: which can be loaded, and their weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from cs826tl._errors import unknown
from cs826tl.assets.cache import AssetMissing, asset_path
from cs826tl.networks import architectures as arch
from cs826tl.networks.libraries import LIBRARIES, load_from_library
from cs826tl.networks.preprocessing import Preprocess
from cs826tl.networks.staging import StagedModel


@dataclass(frozen=True)
class BackboneSpec:
    """One row in the table of networks that can be loaded. Sizes are sides in pixels."""

    title: str
    build: Callable[[], nn.Module]
    cut: Callable[[Any], arch.Cut]
    size: int | None
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    asset: str | None  # the pre-trained weights; None if nobody has published any


# ImageNet's mean and standard deviation, in 0 to 255 [C10].
_IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
_HALF = ((127.5, 127.5, 127.5), (127.5, 127.5, 127.5))
_LITE = ((127.0, 127.0, 127.0), (128.0, 128.0, 128.0))

BACKBONES = {
    "efficientnet_lite0": BackboneSpec(
        "EfficientNet-Lite0", arch.build_efficientnet_lite0, arch.cut_efficientnet_lite0,
        224, *_LITE, "efficientnet_lite0",
    ),
    "vgg16": BackboneSpec("VGG16", arch.build_vgg16, arch.cut_vgg16, 224, *_IMAGENET, "vgg16"),
    "resnet50": BackboneSpec(
        "ResNet50", arch.build_resnet50, arch.cut_resnet50, 224, *_IMAGENET, "resnet50"
    ),
    "inception_v3": BackboneSpec(
        "Inception v3", arch.build_inception_v3, arch.cut_inception_v3, 299, *_HALF, "inception_v3"
    ),
    "alexnet": BackboneSpec(
        "AlexNet", arch.build_alexnet, arch.cut_alexnet, 224, *_IMAGENET, "alexnet"
    ),
    "efficientnet_b0": BackboneSpec(
        "EfficientNet-B0", arch.build_efficientnet_b0, arch.cut_efficientnet_b0,
        224, *_IMAGENET, "efficientnet_b0",
    ),
    "small_vgg": BackboneSpec(
        "Small VGG", arch.build_small_vgg, arch.cut_small_vgg, None, *_HALF, None
    ),
}  # fmt: skip


def load_backbone(
    name: str,
    *,
    weights: Literal["imagenet", "random"] = "imagenet",
    size: int | None = None,
    seed: int = 0,
    fallback: str | None = None,
) -> StagedModel:
    """Load a network with its ImageNet head, as named stages.

    `timm/<name>` and `torchvision/<name>` load any network that those libraries list, with their
    own preprocessing and weights (a download on first use). `size` is the side in pixels that
    images are resized to; smaller is faster and less accurate (None: the published one).
    `weights="random"` gives an untrained network, drawn by `seed`, and says so in `model.weights`.
    `fallback` names the network to take if the weights of `name` cannot be had; then
    `model.weights` names both.

    Raises `ValueError` for another name or weights that nobody has published, and `AssetMissing`,
    with the fix, if they cannot be had.

    >>> load_backbone("small_vgg", weights="random")
    Small VGG, random weights: block1, block2, block3, fc, head; 0.15 M parameters, 10 classes
    >>> list(load_backbone("timm/resnet18", weights="random").parts)
    ['conv1', 'layer1', 'layer2', 'layer3', 'layer4', 'head']
    """
    if name not in BACKBONES and not name.startswith(LIBRARIES):
        raise unknown(
            "backbone", name, [*BACKBONES, *(f"{library}<name>" for library in LIBRARIES)]
        )
    if weights not in ("imagenet", "random"):
        raise unknown("weights", weights, ("imagenet", "random"))
    try:
        return _load(name, weights == "imagenet", size, seed)
    except AssetMissing as missing:
        if fallback is None:
            raise
        model = load_backbone(fallback, size=size)
        title = BACKBONES[name].title if name in BACKBONES else name
        model.weights += f" — {title} was asked for: {str(missing).rstrip('.')}"
        return model


def _load(name: str, trained: bool, size: int | None, seed: int) -> StagedModel:
    if name.startswith(LIBRARIES):
        return load_from_library(name, trained=trained, size=size, seed=seed)
    spec = BACKBONES[name]
    network = _trained_network(spec) if trained else _random_network(spec, seed)
    return _assemble(spec, network, "ImageNet weights" if trained else "random weights", size)


def _assemble(
    spec: BackboneSpec, network: nn.Module, weights: str, size: int | None
) -> StagedModel:
    stages, head = spec.cut(network)
    preprocess = Preprocess(spec.mean, spec.std, size or spec.size)
    return StagedModel(spec.title, preprocess, stages, head, _class_names(spec), weights)


def _class_names(spec: BackboneSpec) -> tuple[str, ...]:
    if spec.asset is None:
        return tuple("0123456789")
    from torchvision.models import VGG16_Weights  # all ImageNet networks share its classes

    return tuple(VGG16_Weights.IMAGENET1K_V1.meta["categories"])


def _random_network(spec: BackboneSpec, seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return spec.build()


def _trained_network(spec: BackboneSpec) -> nn.Module:
    if spec.asset is None:
        with_weights = [name for name, other in BACKBONES.items() if other.asset]
        raise ValueError(
            f"nobody has published weights for {spec.title}: train it yourself from "
            f"weights='random', or choose one of {', '.join(with_weights)}"
        )
    trained = torch.load(asset_path(spec.asset), map_location="cpu", weights_only=True)
    with torch.device("meta"):  # spends no time on drawing weights that are replaced anyway
        network = spec.build()
    network.load_state_dict(_renamed(trained, network.state_dict()), assign=True)
    return network.requires_grad_(True)


def _renamed(trained: dict[str, Tensor], wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """Give a checkpoint the network's names: Lite0's has other names, in the same order."""
    if trained.keys() == wanted.keys():
        return trained
    counters = {k: torch.tensor(0) for k in wanted if k.endswith("num_batches_tracked")}
    names = [k for k in wanted if k not in counters]
    tensors = [v for k, v in trained.items() if not k.endswith("num_batches_tracked")]
    return counters | dict(zip(names, tensors, strict=True))
