"""Real weights and data: what there is, how it gets here, and where it is kept."""

from cs826tl.assets.cache import AssetMissing, asset_path, cache_dir, fetch, is_available, places

__all__ = [
    "AssetMissing",
    "asset_path",
    "cache_dir",
    "fetch",
    "is_available",
    "places",
]
