"""The seal of a cached asset: a hidden file with the SHA-256 of every other file in its folder."""

import json
from functools import cache
from os.path import isdir  # it says no, not why, to a folder within one that nobody may enter
from pathlib import Path
from typing import Any

from cs826tl._files import sha256_of
from cs826tl.assets.releases import Asset

_SEAL = ".sha256.json"


def write_seal(folder: Path, asset: Asset) -> None:
    """List the files in `folder` with their SHA-256, and say what they were made from."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    digests = {path.relative_to(folder).as_posix(): sha256_of(path) for path in paths}
    seal = {"pin": asset.source.pin, "files": digests}
    (folder / _SEAL).write_text(json.dumps(seal, indent=1), encoding="utf-8")


def sealed_files(folder: Path) -> list[Path]:
    """Return the paths of the files that the seal lists."""
    return [folder / name for name in _read_seal(folder)["files"]]


def fault(folder: Path, asset: Asset) -> str:
    """Say what is wrong with a cached asset, or return an empty text."""
    if not isdir(folder):
        return "not fetched"
    try:
        seal = _read_seal(folder)
        if seal["pin"] != asset.source.pin:
            return "of another release"
        intact = all(_digest(folder / path) == digest for path, digest in seal["files"].items())
    except (OSError, ValueError, KeyError):
        intact = False
    return "" if intact else "corrupted"


def _read_seal(folder: Path) -> dict[str, Any]:
    seal: dict[str, Any] = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
    return seal


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file, computed again only if its time or its size has changed."""
    status = path.stat()
    return _digest_once(path, status.st_mtime_ns, status.st_size)


@cache
def _digest_once(path: Path, mtime_ns: int, size: int) -> str:
    return sha256_of(path)
