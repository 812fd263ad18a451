"""Classifiers of torchvision by name: their weights, and how they want their images."""

from __future__ import annotations

import torchvision.models as tv

from cs826tl.networks.found import Found, loaded, unknown_network
from cs826tl.networks.preprocessing import Preprocess


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
