"""Networks of timm and torchvision by name, with the weights and the preprocessing they come with.

The weights come through those libraries' own loaders, which keep them in their own caches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import torch
import torchvision.models as tv
from torch import nn

from cs826tl._errors import unknown
from cs826tl.assets.cache import AssetMissing
from cs826tl.networks.preprocessing import Preprocess
from cs826tl.networks.staging import AS_GIVEN, StagedModel, staged

NEAR = 5  # names that an error offers, of more than a thousand


@dataclass(frozen=True)
class Found:
    """A network as its library gives it."""

    network: nn.Module
    preprocess: Preprocess
    classes: Sequence[str]
    release: str  # of the weights, which have their own preprocessing


def loaded(name: str, release: str, load: Callable[[], nn.Module]) -> nn.Module:
    """Load a network with its weights, and say in one line if they cannot be had."""
    try:
        return load()
    except Exception as error:  # each library's loader has its own kinds of error
        reason = str(error).strip().partition("\n")[0]
        raise AssetMissing(
            f"the weights {release} of {name} are not on this computer and cannot be downloaded "
            f"({type(error).__name__}: {reason}): load them once with a network connection, which "
            f"keeps them, or take weights='random' or fallback='efficientnet_lite0'"
        ) from error


def class_names(number: int) -> Sequence[str]:
    """Return ImageNet's thousand names, or numbers if they are not the classes."""
    if number == 1000:
        names: Sequence[str] = tv.VGG16_Weights.IMAGENET1K_V1.meta["categories"]
        return names
    return [str(k) for k in range(number)]


def unknown_network(kind: str, name: str, names: Sequence[str]) -> ValueError:
    """Return the error for a name that is not listed, with the nearest ones of many."""
    near = get_close_matches(name, names, n=NEAR) or list(names[:NEAR])
    return unknown(kind, name, [*near, f"and {len(names)} in all"])


PATIENCE = 10.0  # seconds until a host that does not answer counts as out of reach
FILES = ("model.safetensors", "pytorch_model.bin", "open_clip_model.safetensors")


def from_timm(name: str, trained: bool) -> Found:
    """Return the network of this name, trained or with random weights; see `load_from_library`."""
    import timm

    if not timm.is_model(name):
        raise unknown_network("network of timm", name, timm.list_models())
    facts = _timm_facts(name)
    if trained and not facts.has_weights:
        raise ValueError(f"nobody has published weights for timm/{name}: take weights='random'")
    if not facts.num_classes:
        raise ValueError(
            f"timm/{name} gives no class scores: make it with timm.create_model and num_classes=…, "
            f"then use staged(network, classes=…, preprocess=…)"
        )
    if trained:
        network = loaded(f"timm/{name}", facts.tag, lambda: _trained_timm(name, facts))
    else:
        network = timm.create_model(name)
    return Found(network, _timm_scaling(network), class_names(facts.num_classes), facts.tag)


def _timm_facts(name: str) -> Any:
    """Return what timm knows of the weights before they are loaded."""
    import timm

    architecture, _, release = name.partition(".")
    try:
        return timm.get_pretrained_cfg(name)
    except RuntimeError as error:
        possible = timm.list_models(f"{architecture}.*", pretrained=True)
        releases = [found.partition(".")[2] for found in possible]
        raise unknown(f"weights of timm/{architecture}", release, releases) from error


def _trained_timm(name: str, facts: Any) -> nn.Module:
    import timm

    if facts.hf_hub_id:
        _reach(facts.hf_hub_id)
    return timm.create_model(name, pretrained=True)


def _reach(repository: str) -> None:
    """Raise at once where weights must be downloaded and cannot be: timm tries for a minute."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url, try_to_load_from_cache

    if not any(isinstance(try_to_load_from_cache(repository, file), str) for file in FILES):
        get_hf_file_metadata(hf_hub_url(repository, "config.json"), timeout=PATIENCE)


def _timm_scaling(network: nn.Module) -> Preprocess:
    from timm.data.config import resolve_model_data_config

    found: dict[str, Any] = resolve_model_data_config(network)
    size = found["input_size"][-1]
    whole = found["crop_mode"] == "squash"
    return Preprocess(
        [255 * m for m in found["mean"]],
        [255 * s for s in found["std"]],
        size,
        resize=None if whole else int(size / found["crop_pct"]),
        interpolation=found["interpolation"],
    )


def from_torchvision(name: str, trained: bool) -> Found:
    """Return the network of this name, trained or with random weights; see `load_from_library`."""
    names = tv.list_models(module=tv)  # those that put an image into a class
    if name not in names:
        raise unknown_network("network of torchvision", name, names)
    weights = tv.get_model_weights(name).DEFAULT
    if trained:
        title = f"torchvision/{name}"
        network = loaded(title, weights.name, lambda: tv.get_model(name, weights=weights))
    else:
        network = tv.get_model(name)
    for auxiliary in ("aux_logits", "AuxLogits", "aux1", "aux2"):  # for training from scratch
        if hasattr(network, auxiliary):
            setattr(network, auxiliary, None)
    return Found(network, _torchvision_scaling(weights), weights.meta["categories"], weights.name)


def _torchvision_scaling(weights: tv.Weights) -> Preprocess:
    found = weights.transforms()
    return Preprocess(
        [255 * m for m in found.mean],
        [255 * s for s in found.std],
        found.crop_size[0],
        resize=found.resize_size[0],
        interpolation=found.interpolation.value,
    )


LIBRARIES = ("timm/", "torchvision/")  # how the names of their networks begin


def load_from_library(
    name: str, *, trained: bool, size: int | None = None, seed: int = 0
) -> StagedModel:
    """Load `timm/<name>` or `torchvision/<name>`, cut into stages; see `load_backbone`.

    Raises `ValueError` for a name that the library does not list or a network without class scores,
    and `AssetMissing` if its weights cannot be had.

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
