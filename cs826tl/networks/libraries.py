"""Networks of timm and torchvision by name, with the weights and the preprocessing they come with.

The weights come through those libraries' own loaders, which keep them in their own caches.
"""

from __future__ import annotations

import torch

from cs826tl.networks.staging import AS_GIVEN, StagedModel, staged
from cs826tl.networks.timm_networks import from_timm
from cs826tl.networks.torchvision_networks import from_torchvision

LIBRARIES = ("timm/", "torchvision/")  # how the names of their networks begin


def load_from_library(
    name: str, *, trained: bool, size: int | None = None, seed: int = 0
) -> StagedModel:
    """Load `timm/<name>` or `torchvision/<name>`, cut into stages; see `load_backbone`.

    Raises `ValueError` for a name that the library does not list or a network without class scores,
    and `AssetMissing` where its weights cannot be had.

    >>> load_from_library("timm/resnet18", trained=False)
    timm/resnet18, random weights: conv1, layer1, layer2, layer3, layer4, head; ...
    """
    library, _, rest = name.partition("/")
    load = {"timm": from_timm, "torchvision": from_torchvision}[library]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        found = load(rest, trained)
    preprocess = found.preprocess if size is None else found.preprocess.at(size)
    model = staged(found.network, classes=found.classes, preprocess=preprocess)
    weights = f"{library}'s weights {found.release}" if trained else "random weights"
    model.title, model.weights = name, model.weights.replace(AS_GIVEN, weights)
    return model
