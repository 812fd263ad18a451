"""Packages from npm that pages carry: fetched once, and kept in the cache beside the assets."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tqdm import tqdm

from cs826tl.assets.archives import unpack
from cs826tl.assets.cache import cache_dir
from cs826tl.assets.downloads import download_file
from cs826tl.assets.releases import NpmPackage


def folder_of(package: NpmPackage) -> Path:
    """Return the folder with the package's members, by their own paths; `OSError` if that fails."""
    home = cache_dir() / package.file_name.removesuffix(".tgz")
    if not home.exists():
        cache_dir().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache_dir()) as staging:
            archive, files = Path(staging, package.file_name), Path(staging, "files")
            download_file(package, archive, tqdm(disable=True))
            unpack(archive, package, files)
            files.rename(home)
    return home
