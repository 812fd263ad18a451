"""Real weights and data in one cache: `fetch` brings them there, `asset_path` says where they are.

The cache holds one folder for each asset. A hidden file in it lists the SHA-256 of every other
file, so that damage is noticed; `CS826TL_HOME` moves the cache.
"""

import json
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock
from tqdm.auto import tqdm

from cs826tl._errors import unknown
from cs826tl.assets import archives, downloads
from cs826tl.assets.catalogue import ASSETS, FIRST_LECTURES, Asset, Distribution

__all__ = [
    "ASSETS",
    "FIRST_LECTURES",
    "Asset",
    "AssetMissing",
    "asset_path",
    "cache_dir",
    "fetch",
    "is_available",
]

_SEAL = ".sha256.json"


class AssetMissing(FileNotFoundError):
    """An asset is not there; one line says which, why, the fix, and what works without it."""


def cache_dir() -> Path:
    """Return the folder of all assets: `CS826TL_HOME` if set, else in the system's user cache."""
    if home := os.environ.get("CS826TL_HOME"):
        return Path(home).expanduser().absolute()
    return platformdirs.user_cache_path("cs826tl", appauthor=False)


def is_available(name: str) -> bool:
    """Say whether the asset is in the cache, every file of it intact.

    Raises ValueError for a name that is not in `ASSETS`.
    """
    return not _fault(name, _asset(name))


def asset_path(name: str) -> Path:
    """Return where the asset lies: its file, or its folder where it has several files.

    The files are checked against their SHA-256, once a process as long as they do not change.

    Raises AssetMissing, with the command that mends it, and ValueError for a name not in `ASSETS`.

    >>> asset_path("mnist5k")
    Traceback (most recent call last):
    ValueError: no asset named 'mnist5k'. Did you mean 'mnist_5k'? Choose from: ...
    """
    asset = _asset(name)
    if fault := _fault(name, asset):
        raise AssetMissing(
            f"{name} ({asset.what}) is {fault}: run `cs826tl fetch {name}`"
            f" ({asset.megabytes:.0f} MB). Without it you have {asset.without}."
        )
    folder = cache_dir() / name
    files = list(_read_seal(folder)["files"])
    return folder / files[0] if len(files) == 1 else folder


def fetch(*names: str, progress: bool = True) -> None:
    """Make sure that each named asset is in the cache and intact; silent when all are there.

    What is missing or damaged is downloaded, with a progress bar unless `progress=False`. Several
    processes may fetch at once, and one that is killed leaves nothing half-written.

    Raises AssetMissing at the first asset that cannot be had, and ValueError for a name that is not
    in `ASSETS`.

    >>> fetch()  # no name, nothing to do
    """
    assets = {name: _asset(name) for name in names}
    for name, asset in assets.items():
        if not _fault(name, asset):
            continue
        try:
            _fetch(name, asset, progress)
        except OSError as error:
            raise AssetMissing(
                f"{name} ({asset.what}, {asset.megabytes:.0f} MB) could not be fetched: {error}."
                f" Without it you have {asset.without}."
            ) from error


def _asset(name: str) -> Asset:
    if name not in ASSETS:
        raise unknown("asset", name, ASSETS)
    return ASSETS[name]


def _fault(name: str, asset: Asset) -> str:
    """Say what is wrong with the cached asset, or nothing."""
    folder = cache_dir() / name
    if not folder.is_dir():
        return "not fetched"
    try:
        seal = _read_seal(folder)
        if seal["pin"] != asset.source.pin:
            return "of another release"
        intact = all(_digest(folder / path) == digest for path, digest in seal["files"].items())
    except (OSError, ValueError, KeyError):
        intact = False
    return "" if intact else "corrupted"


def _write_seal(folder: Path, asset: Asset) -> None:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    digests = {path.relative_to(folder).as_posix(): downloads.sha256_of(path) for path in paths}
    seal = {"pin": asset.source.pin, "files": digests}
    (folder / _SEAL).write_text(json.dumps(seal, indent=1), encoding="utf-8")


def _read_seal(folder: Path) -> dict[str, Any]:
    """Return what the files were made from (`pin`) and the SHA-256 of each (`files`)."""
    seal: dict[str, Any] = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
    return seal


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file, computed anew only when its time or its size has changed."""
    status = path.stat()
    return _digest_once(path, status.st_mtime_ns, status.st_size)


@cache
def _digest_once(path: Path, mtime_ns: int, size: int) -> str:
    return downloads.sha256_of(path)


def _fetch(name: str, asset: Asset, progress: bool) -> None:
    """Download into a temporary folder beside the asset's place, then rename it into place."""
    home = cache_dir()
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / f"{name}.lock"):
        if not _fault(name, asset):
            return  # another process was faster
        for leftover in home.glob(f".{name}-*"):  # of a process that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=home))
        try:
            _download(name, asset, staging, progress)
            files = staging / "files"
            _write_seal(files, asset)
            shutil.rmtree(home / name, ignore_errors=True)
            files.rename(home / name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _download(name: str, asset: Asset, staging: Path, progress: bool) -> None:
    """Put the asset's files into `staging/files`."""
    files = staging / "files"
    files.mkdir()
    total = round(asset.megabytes * 1e6)
    bar = tqdm(  # shown from the first byte on, so that without a network the error stands alone
        total=total, desc=name, unit="B", unit_scale=True, delay=1e-6, disable=not progress
    )
    with bar:
        if isinstance(asset.source, Distribution):
            archive = downloads.download_distribution(asset.source, staging, bar)
            archives.unpack(archive, asset.source, files)
        else:
            # Outside the staging folder, so that the next process can go on from it.
            part = cache_dir() / f"{asset.source.file_name}.part"
            downloads.download_weights(asset.source, part, bar)
            part.rename(files / asset.source.file_name)
        bar.update(total - bar.n)
