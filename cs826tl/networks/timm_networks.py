"""Classifiers of timm by name: their weights, and how they want their images."""

from __future__ import annotations

from typing import Any

from torch import nn

from cs826tl._errors import unknown
from cs826tl.networks.found import Found, class_names, loaded, unknown_network
from cs826tl.networks.preprocessing import Preprocess

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
