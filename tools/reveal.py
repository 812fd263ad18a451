"""reveal.js, which turns a page into slides: fetched once, its SHA-256 pinned, and kept."""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
import tempfile
import urllib.request
from pathlib import Path

from cs826tl.assets.cache import cache_dir

VERSION = "4.0.2"  # the one that nbconvert's own decks ask the network for
URL = f"https://registry.npmjs.org/reveal.js/-/reveal.js-{VERSION}.tgz"  # 2.3 MB, MIT licence
SHA256 = "0c234d5bfe539606c1af4bcc031f0d21ed99e264d90b7859abad34f7e3a0c587"
PARTS = ("LICENSE", "dist", "plugin/notes")


def reveal_js() -> Path:
    """Return the folder that holds reveal.js; raises `OSError` where it cannot be fetched."""
    home = cache_dir() / f"reveal.js-{VERSION}"
    if not home.exists():
        cache_dir().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache_dir()) as staging:
            _unpack(_download(), Path(staging)).rename(home)
    return home


def _download() -> bytes:
    with urllib.request.urlopen(URL, timeout=60) as answer:
        content: bytes = answer.read()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise OSError(f"{URL} does not have the pinned SHA-256")
    return content


def _unpack(content: bytes, folder: Path) -> Path:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(folder, filter="data")
    for part in PARTS:
        target = folder / "wanted" / part
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder / "package" / part, target)
    return folder / "wanted"
