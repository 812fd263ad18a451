"""What the course needs, what this machine has of it, and the fix for whatever is missing."""

import importlib
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from cs826tl.assets.cache import ASSETS, FIRST_LECTURES, LECTURES, cache_dir, is_available, places
from cs826tl.assets.downloads import why_pip_cannot_download

_GIGABYTE = 1e9
_LECTURE_MEMORY = 2 * _GIGABYTE  # what a lecture may take
_CACHE_SPACE = 1 * _GIGABYTE  # the lectures' assets, unpacked, with room to spare


@dataclass(frozen=True)
class Found:
    """One thing looked at: whether it is as it should be, what was found, and the fix if not.

    Without a thing that is not `required` the course still runs, with less in it.
    """

    name: str
    ok: bool
    found: str
    fix: str
    required: bool = True


def examine() -> list[Found]:
    """Look at everything that the course needs on this machine; takes a few seconds."""
    assets = [_asset(name, required=name in FIRST_LECTURES) for name in LECTURES]
    return [
        _python(),
        _module("torch", "torch"),
        _module("torchvision", "torchvision"),
        _device(),
        _memory(),
        *_shared(),
        _cache(required=not all(asset.ok for asset in assets if asset.required)),
        *assets,
        _asset("vgg16", required=False),
        _network(),
        _module("anywidget", "anywidget"),
        _module("ipywidgets", "ipywidgets"),
        # Colab has its own front end, and could not use a JupyterLab.
        *([] if "COLAB_RELEASE_TAG" in os.environ else [_jupyterlab()]),
    ]


def report(checks: list[Found]) -> str:
    """Lay the checks out as a table, with the fixes under it.

    >>> print(report([Found("Python", True, "3.12.1", ""),
    ...               Found("network", False, "none", "connect", required=False)]))
    ok        Python   3.12.1
    optional  network  none
                       fix: connect
    """
    width = max(len(check.name) for check in checks)
    lines = []
    for check in checks:
        state = "ok" if check.ok else "MISSING" if check.required else "optional"
        lines.append(f"{state:8}  {check.name:{width}}  {check.found}")
        if not check.ok:
            lines.append(f"{'':8}  {'':{width}}  fix: {check.fix}")
    return "\n".join(lines)


def _python() -> Found:
    found = f"{platform.python_version()}, {sys.executable}"
    ok = sys.version_info >= (3, 11)
    return Found("Python", ok, found, "install Python 3.11 or newer, then make a new environment")


def _module(name: str, package: str, required: bool = True) -> Found:
    """Import it: a package that is installed but does not fit the others is of no use."""
    fix = f'{sys.executable} -m pip install --upgrade "{package}"'
    try:
        found = importlib.import_module(name).__version__
    except (ImportError, RuntimeError, OSError) as error:  # what a broken torch raises
        return Found(name, False, f"does not import: {_first_line(error)}", fix, required)
    return Found(name, True, found, fix, required)


def _jupyterlab() -> Found:
    return _module("jupyterlab", "cs826tl[lab]", required=False)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _device() -> Found:
    fix = "repair torch first"
    try:
        from cs826tl.devices import describe_device

        return Found("device", True, describe_device(), fix)
    except (ImportError, RuntimeError, OSError) as error:
        return Found("device", False, _first_line(error), fix)


def _memory() -> Found:
    memory = psutil.virtual_memory()
    found = f"{memory.available / 1e9:.1f} GB free of {memory.total / 1e9:.1f} GB"
    fix = f"close other programs: a lecture takes up to {_LECTURE_MEMORY / 1e9:.0f} GB"
    return Found("memory", memory.available >= _LECTURE_MEMORY, found, fix, required=False)


def _cache(required: bool) -> Found:
    """Look at the cache's folder; one that holds every asset need not be written."""
    cache = cache_dir()
    there = next(path for path in (cache, *cache.parents) if path.exists())
    free = shutil.disk_usage(there).free
    writable = there.is_dir() and os.access(there, os.W_OK)
    found = f"{cache}, {free / 1e9:.1f} GB free" + ("" if writable else ", not writable")
    fix = "set CS826TL_HOME to a folder that you may write to, on a disk with 1 GB free"
    return Found("cache", writable and free >= _CACHE_SPACE, found, fix, required)


def _shared() -> list[Found]:
    """Look at the folder that a class reads together, if there is to be one."""
    fix = "ask whoever runs this machine: `cs826tl prepare` fills it; without it all is your own"
    return [
        Found("shared folder", os.access(place, os.R_OK | os.X_OK), str(place), fix, required=False)
        for place in places()[:-1]
    ]


def _asset(name: str, required: bool) -> Found:
    asset = ASSETS[name]
    ok = is_available(name)
    found = asset.what if ok else f"missing or damaged; without it: {asset.without}"
    return Found(name, ok, found, f"cs826tl fetch {name}  ({asset.megabytes:.0f} MB)", required)


def _network() -> Found:
    with tempfile.TemporaryDirectory() as folder:
        reason = why_pip_cannot_download(Path(folder))
    fix = "only fetching needs it: connect, or set pip's proxy (pip config set global.proxy ...)"
    return Found("network", not reason, reason or "pip can download", fix, required=False)
