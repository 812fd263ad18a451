"""Real weights and data in one cache: `fetch` brings them there, `asset_path` says where they are.

The cache holds one folder per asset, sealed so that damage is noticed. The environment variable
`CS826TL_HOME` moves the cache. `CS826TL_SHARED` names another such folder, which a class reads
together: it is looked at first, and never written.
"""

import os
import shutil
import tempfile
from pathlib import Path

import platformdirs
from filelock import FileLock
from tqdm.auto import tqdm

from cs826tl._errors import unknown
from cs826tl._files import sha256_of
from cs826tl.assets import archives, downloads
from cs826tl.assets.catalogue import ASSETS, FIRST_LECTURES, LECTURES
from cs826tl.assets.releases import Asset, Distribution, TorchvisionWeights
from cs826tl.assets.seals import fault, sealed_files, write_seal
from cs826tl.progress import bars_are_off

__all__ = [
    "ASSETS",
    "FIRST_LECTURES",
    "LECTURES",
    "Asset",
    "AssetMissing",
    "asset_folder",
    "asset_path",
    "cache_dir",
    "fetch",
    "is_available",
    "places",
]


class AssetMissing(FileNotFoundError):
    """An asset is not there; one line says which, why, the fix, and what works without it.

    >>> raise AssetMissing("vgg16 is not there: run `cs826tl fetch vgg16`")
    Traceback (most recent call last):
    cs826tl.assets.cache.AssetMissing: vgg16 is not there: run `cs826tl fetch vgg16`
    """


def cache_dir() -> Path:
    """Return the folder of all assets: `CS826TL_HOME` if set, else in the system's user cache."""
    if home := os.environ.get("CS826TL_HOME"):
        return Path(home).expanduser().absolute()
    return platformdirs.user_cache_path("cs826tl", appauthor=False)


def places() -> list[Path]:
    """Return the folders that are looked at, in this order: `CS826TL_SHARED` if set, the cache."""
    shared = os.environ.get("CS826TL_SHARED")
    return [*([Path(shared).expanduser().absolute()] if shared else []), cache_dir()]


def is_available(name: str) -> bool:
    """Say whether the asset is in the shared folder or in the cache, every file of it intact.

    Raises ValueError for a name that is not in `ASSETS`.

    >>> is_available("mnist5k")
    Traceback (most recent call last):
    ValueError: no asset named 'mnist5k'. Did you mean 'mnist_5k'? Choose from: ...
    """
    return asset_folder(name) is not None


def asset_folder(name: str) -> Path | None:
    """Return the folder that holds an asset, every file of it intact; None if there is none.

    Raises ValueError for a name that is not in `ASSETS`.
    """
    asset = _asset(name)
    return next((p / name for p in places() if not fault(p / name, asset)), None)


def asset_path(name: str) -> Path:
    """Return the path of the asset: its file, or its folder if it has several files.

    The files are checked against their SHA-256, once per process as long as they do not change.

    Raises AssetMissing, with the command that fixes it, and ValueError for a name not in `ASSETS`.

    >>> asset_path("mnist5k")
    Traceback (most recent call last):
    ValueError: no asset named 'mnist5k'. Did you mean 'mnist_5k'? Choose from: ...
    """
    asset, folder = _asset(name), asset_folder(name)
    if folder is None:
        raise AssetMissing(
            f"{name} ({asset.what}) is {fault(cache_dir() / name, asset)}: run"
            f" `cs826tl fetch {name}` ({asset.megabytes:.0f} MB). Without it you have"
            f" {asset.without}."
        )
    files = sealed_files(folder)
    return files[0] if len(files) == 1 else folder


def fetch(*names: str, progress: bool = True, from_file: Path | None = None) -> None:
    """Make sure that each named asset is there and intact; silent when all are.

    What is missing or damaged is downloaded, with a progress bar unless `progress=False` or
    `TQDM_DISABLE` is set. Weights that torch's own cache (`torch.hub.get_dir()`) holds already are
    copied from there. With `from_file` one asset is taken from a file that you downloaded
    yourself; its SHA-256 must fit all the same. Several processes may fetch at once, and one that
    is killed leaves nothing half-written.

    Raises AssetMissing at the first asset that cannot be fetched, and ValueError for a name that is
    not in `ASSETS` or for `from_file` with several names.

    >>> fetch()  # no name, nothing to do
    """
    assets = {name: _asset(name) for name in names}
    if from_file is not None and len(assets) != 1:
        raise ValueError(f"{from_file} holds one asset: name that one, not {len(assets)}")
    for name, asset in assets.items():
        if is_available(name):
            continue
        try:
            _fetch(name, asset, progress, from_file)
        except OSError as error:
            said = downloads.DISK_FULL if downloads.is_full(error) else error
            by_hand = f", or take a file of your own: `cs826tl fetch {name} --from FILE`"
            failed = isinstance(error, downloads.DownloadError) and from_file is None
            raise AssetMissing(
                f"{name} ({asset.what}, {asset.megabytes:.0f} MB) could not be fetched: {said}."
                f"{' Try again' + by_hand + '.' if failed else ''}"
                f" Without it you have {asset.without}."
            ) from error


def _asset(name: str) -> Asset:
    if not isinstance(name, str):
        raise TypeError(f"give names one by one, not in a {type(name).__name__}: fetch(*names)")
    if name not in ASSETS:
        raise unknown("asset", name, ASSETS)
    return ASSETS[name]


def _fetch(name: str, asset: Asset, progress: bool, from_file: Path | None) -> None:
    """Fill a temporary folder beside the asset's place, then rename it into place."""
    home = cache_dir()
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / f"{name}.lock"):
        if not fault(home / name, asset):
            return  # another process was faster
        for leftover in home.glob(f".{name}-*"):  # of a process that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=home))
        files = staging / "files"
        files.mkdir()
        try:
            if local := _local_file(name, asset, from_file):
                _take(asset, local, files)
            else:
                _download(name, asset, staging, progress)
            write_seal(files, asset)
            shutil.rmtree(home / name, ignore_errors=True)
            files.rename(home / name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _local_file(name: str, asset: Asset, from_file: Path | None) -> Path | None:
    """Return a file on this machine that holds the asset, if there is one."""
    source = asset.source
    if from_file is not None:
        if not source.fits(sha256_of(from_file)):
            raise downloads.DownloadError(f"{from_file} does not have the SHA-256 of {source}")
        return from_file
    if isinstance(source, TorchvisionWeights):
        from torch.hub import get_dir  # late: torch takes seconds to import

        for folder in (cache_dir() / name, Path(get_dir(), "checkpoints")):
            path = folder / source.file_name
            if path.is_file() and source.fits(sha256_of(path)):
                return path
    return None


def _take(asset: Asset, path: Path, files: Path) -> None:
    """Put the asset's files, from a file on this machine, into `files`."""
    if isinstance(asset.source, TorchvisionWeights):
        shutil.copyfile(path, files / asset.source.file_name)
    else:
        archives.unpack(path, asset.source, files)


def _download(name: str, asset: Asset, staging: Path, progress: bool) -> None:
    """Put the asset's files, from the network, into `staging/files`."""
    total = round(asset.megabytes * 1e6)
    hidden = not progress or bars_are_off()
    # Shown from the first byte on, so that without a network the error stands alone.
    bar = tqdm(total=total, desc=name, unit="B", unit_scale=True, delay=1e-6, disable=hidden)
    with bar:
        if isinstance(asset.source, Distribution):
            archive = downloads.download_distribution(asset.source, staging, bar)
            _take(asset, archive, staging / "files")
        else:
            # Outside the staging folder, so that the next process can resume from it.
            part = cache_dir() / f"{asset.source.file_name}.part"
            downloads.download_file(asset.source, part, bar)
            if isinstance(asset.source, TorchvisionWeights):
                part.rename(staging / "files" / asset.source.file_name)
            else:
                _take(asset, part, staging / "files")
                part.unlink()
        bar.update(total - bar.n)
