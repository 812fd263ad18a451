"""Real weights and data: what there is, how it gets here, and where it is kept."""

from cs826tl.assets.cache import AssetMissing, fetch, is_available

__all__ = [
    "AssetMissing",
    "fetch",
    "is_available",
]
