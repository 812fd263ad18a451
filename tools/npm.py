"""Packages from npm that pages carry: fetched once, their SHA-256 pinned, and kept in the cache."""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from cs826tl.assets.cache import cache_dir

REGISTRY = "https://registry.npmjs.org"


@dataclass(frozen=True)
class NpmPackage:
    """One release on npm, and the files or folders of its archive that are kept."""

    name: str
    version: str
    sha256: str
    kept: tuple[str, ...]

    @property
    def url(self) -> str:
        """The address of the release's archive."""
        return f"{REGISTRY}/{self.name}/-/{self.name.rpartition('/')[2]}-{self.version}.tgz"

    def folder(self) -> Path:
        """Return the folder with what is kept, by its own paths; `OSError` if that fails."""
        home = cache_dir() / f"{self.name.replace('/', '-').lstrip('@')}-{self.version}"
        if not home.exists():
            cache_dir().mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=cache_dir()) as staging:
                self._unpack(self._download(), Path(staging)).rename(home)
        return home

    def _download(self) -> bytes:
        with urllib.request.urlopen(self.url, timeout=60) as answer:
            content: bytes = answer.read()
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise OSError(f"{self.url} does not have the pinned SHA-256")
        return content

    def _unpack(self, content: bytes, folder: Path) -> Path:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(folder, filter="data")
        for path in self.kept:
            target = folder / "kept" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(folder / "package" / path, target)
        return folder / "kept"
