"""Files that are made out of an asset at its first use, and kept beside it."""

import os
from collections.abc import Callable
from pathlib import Path

from cs826tl._files import write_atomically
from cs826tl.assets.cache import asset_folder, asset_path, cache_dir, places
from cs826tl.assets.downloads import DISK_FULL, is_full


def derived(name: str, file_name: str, write: Callable[[Path, Path], None]) -> Path:
    """Return the path of a file made out of an asset: `write(folder, path)` makes it, once.

    It lies in the asset's folder, or in your own cache where that folder may not be written. What
    it is made of is checked when it is made, and not again.

    Raises AssetMissing where the asset is not there, and OSError, with the fix, on a full disk.
    """
    for place in places():
        if (place / name / file_name).is_file():
            return place / name / file_name
    folder = asset_folder(name)
    if folder is None:
        return asset_path(name)  # which says what is missing
    home = folder if os.access(folder, os.W_OK) else cache_dir() / name
    try:
        home.mkdir(parents=True, exist_ok=True)
        with write_atomically(home / file_name) as part:
            write(folder, part)
    except OSError as error:
        said = DISK_FULL if is_full(error) else error
        raise OSError(f"{name}: {file_name} could not be written to {home}: {said}") from error
    return home / file_name
