"""Packages from npm: only what is asked for is kept, and only if the archive is the pinned one."""

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from tools.npm import NpmPackage


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> NpmPackage:
    """A package that the registry offers, with two files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name in ("package/dist/wanted.js", "package/dist/other.js"):
            entry = tarfile.TarInfo(name)
            entry.size = len(name)
            archive.addfile(entry, io.BytesIO(name.encode()))
    content = stream.getvalue()
    asked: list[str] = []

    def urlopen(url: str, timeout: float) -> io.BytesIO:
        asked.append(url)
        assert asked == ["https://registry.npmjs.org/@some/thing/-/thing-1.2.3.tgz"]  # and once
        return io.BytesIO(content)

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    sha256 = hashlib.sha256(content).hexdigest()
    return NpmPackage("@some/thing", "1.2.3", sha256, ("dist/wanted.js",))


def test_what_is_asked_for_is_fetched_once_and_kept(package: NpmPackage) -> None:
    folder = package.folder()
    assert [path.name for path in (folder / "dist").iterdir()] == ["wanted.js"]
    assert (folder / "dist" / "wanted.js").read_text() == "package/dist/wanted.js"
    assert package.folder() == folder


def test_another_archive_is_refused_and_leaves_nothing(package: NpmPackage, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="does not have the pinned SHA-256"):
        replace(package, sha256="0" * 64).folder()
    assert list(tmp_path.iterdir()) == []
