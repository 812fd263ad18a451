"""Networks as ordered rows of named parts, each with its own preprocessing."""

from cs826tl.networks import wordnet
from cs826tl.networks.heads import with_head
from cs826tl.networks.preprocessing import Preprocess
from cs826tl.networks.published import load_backbone
from cs826tl.networks.shelf import BACKBONES
from cs826tl.networks.staging import staged
from cs826tl.networks.structure import anatomy

__all__ = [
    "BACKBONES",
    "Preprocess",
    "anatomy",
    "load_backbone",
    "staged",
    "with_head",
    "wordnet",
]
