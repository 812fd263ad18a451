"""A network as a library gives it, and the errors where the library cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import torchvision.models as tv
from torch import nn

from cs826tl._errors import unknown
from cs826tl.assets.cache import AssetMissing
from cs826tl.networks.preprocessing import Preprocess

NEAR = 5  # names that an error offers, of more than a thousand


@dataclass(frozen=True)
class Found:
    """A network as its library gives it."""

    network: nn.Module
    preprocess: Preprocess
    classes: Sequence[str]
    release: str  # of the weights, which have their own preprocessing


def loaded(name: str, release: str, load: Callable[[], nn.Module]) -> nn.Module:
    """Load a network with its weights, and say in one line where they cannot be had."""
    try:
        return load()
    except Exception as error:  # each library's loader has its own kinds of error
        reason = str(error).strip().partition("\n")[0]
        raise AssetMissing(
            f"the weights {release} of {name} are not on this computer and cannot be downloaded "
            f"({type(error).__name__}: {reason}): load them once with a network connection, which "
            f"keeps them, or take weights='random' or or_else='efficientnet_lite0'"
        ) from error


def class_names(number: int) -> Sequence[str]:
    """Return ImageNet's thousand names, or numbers where the classes are others."""
    if number == 1000:
        names: Sequence[str] = tv.VGG16_Weights.IMAGENET1K_V1.meta["categories"]
        return names
    return [str(k) for k in range(number)]


def unknown_network(kind: str, name: str, names: Sequence[str]) -> ValueError:
    """Return the error for a name that is not listed, with the nearest ones of many."""
    near = get_close_matches(name, names, n=NEAR) or list(names[:NEAR])
    return unknown(kind, name, [*near, f"and {len(names)} in all"])
