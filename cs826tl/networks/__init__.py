"""Networks as ordered rows of named parts, each with its own preprocessing."""

from cs826tl.networks import wordnet
from cs826tl.networks.published import BACKBONES, load_backbone
from cs826tl.networks.staging import StagedModel, with_head
from cs826tl.networks.structure import anatomy

__all__ = [
    "BACKBONES",
    "StagedModel",
    "anatomy",
    "load_backbone",
    "with_head",
    "wordnet",
]
