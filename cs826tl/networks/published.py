"""Published networks: which can be loaded, and their weights."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn

from cs826tl._errors import unknown
from cs826tl.assets.cache import AssetMissing
from cs826tl.networks.headless import NoHead
from cs826tl.networks.libraries import LIBRARIES, load_from_library
from cs826tl.networks.shelf import BACKBONES, BackboneSpec
from cs826tl.networks.staging import StagedModel
from cs826tl.networks.trained import trained_network


def load_backbone(
    name: str,
    *,
    weights: Literal["imagenet", "random"] = "imagenet",
    size: int | None = None,
    seed: int = 0,
    fallback: str | None = None,
) -> StagedModel:
    """Load a published network, as named stages, with the head that it was published with.

    Pitfall: of `vgg16` only the convolutions come from its authors, of `mobilenet_v2` and
    `hed_vgg16` there is no head either, and whoever needs one is told how to get it. VGG16 with its
    fully-connected layers, as torchvision trained it, is `vgg16_torchvision` (553 MB).
    `timm/<name>` and `torchvision/<name>` load any network that those libraries list, with their
    own preprocessing and weights (a download on first use). `size` is the side in pixels that
    images are resized to; smaller is faster and less accurate (None: the published one).
    `weights="random"` gives an untrained network, drawn by `seed`, and says so in `model.weights`.
    `fallback` names the network to take if the weights of `name` cannot be had; then
    `model.weights` names both.

    Raises `ValueError` for another name, weights that nobody has published, a size that the network
    cannot run or a damaged file, and `AssetMissing`, with the fix, if weights cannot be had.

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
    preprocess = spec.preprocess(size)
    if size is not None and not _runs(spec, size):
        raise ValueError(_too_small(spec, size))
    network = _trained_network(spec) if trained else _random_network(spec, seed)
    weights = spec.weights if trained else "random weights"
    stages, head = spec.cut(network)
    return StagedModel(spec.title, preprocess, stages, head, _class_names(spec), weights)


def _runs(spec: BackboneSpec, size: int) -> bool:
    """Say whether the network can run pictures of this side, without computing anything."""
    with torch.device("meta"):
        stages, head = spec.cut(spec.build())
        rest = () if isinstance(head, NoHead) else (head,)
        try:
            nn.Sequential(*stages.values(), *rest).eval()(torch.empty(1, 3, size, size))
        except RuntimeError:
            return False
    return True


def _too_small(spec: BackboneSpec, size: int) -> str:
    """Say which size is possible: the next that runs, or the network's own."""
    larger = range(size + 1, (spec.size or size) + 1)
    possible = next((side for side in larger if _runs(spec, side)), spec.size)
    return f"size={size}: {spec.title} cannot run pictures of {size} pixels, but of {possible}"


def _class_names(spec: BackboneSpec) -> tuple[str, ...]:
    if spec.classes is not None:
        return spec.classes
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
    return trained_network(spec, spec.asset)
