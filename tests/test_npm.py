"""Packages from npm: only what is asked for is kept, and only if the archive is the pinned one."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cs826tl.assets import releases
from cs826tl.assets.releases import NpmPackage
from tools.npm import folder_of


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[NpmPackage]:
    """A package of two files, offered by a registry on this machine."""
    archive = tmp_path / "registry" / "@some" / "thing" / "-" / "thing-1.2.3.tgz"
    archive.parent.mkdir(parents=True)
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("package/dist/wanted.js", "package/dist/other.js"):
            entry = tarfile.TarInfo(name)
            entry.size = len(name)
            tar.addfile(entry, io.BytesIO(name.encode()))
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path / "registry")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setattr(releases, "_NPM", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("CS826TL_HOME", str(tmp_path / "cache"))
        sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
        yield NpmPackage("@some/thing", "1.2.3", sha256, ("package/dist/w*.js",))
        server.shutdown()


def test_what_is_asked_for_is_fetched_once_and_kept(package: NpmPackage, tmp_path: Path) -> None:
    folder = folder_of(package)
    assert [path.name for path in (folder / "dist").iterdir()] == ["wanted.js"]
    assert (folder / "dist" / "wanted.js").read_text() == "package/dist/wanted.js"
    next((tmp_path / "registry").rglob("*.tgz")).unlink()
    assert folder_of(package) == folder


def test_another_archive_is_refused_and_leaves_nothing(package: NpmPackage, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="came with a wrong SHA-256 and was deleted"):
        folder_of(replace(package, sha256="0" * 64))
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_registry_is_npms_own() -> None:
    package = NpmPackage("@some/thing", "1.2.3", "", ())
    assert package.url == "https://registry.npmjs.org/@some/thing/-/thing-1.2.3.tgz"
