"""The sandbox: what it must read is read, what lies hidden in there is not."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cs826tl_grader.sandbox import backends
from cs826tl_grader.sandbox.backends import NoSandbox, backend
from cs826tl_grader.sandbox.isolation import Sandbox

LOOK = """
import os


def look(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return None
"""


@pytest.fixture
def among_packages() -> Iterator[Path]:
    """A folder with a secret, in a place that every sandbox has to read."""
    folder = Path(tempfile.mkdtemp(dir=sys.prefix, prefix="hidden-"))
    folder.chmod(0o755)  # the sandbox has to be what hides it
    (folder / "rubric.py").write_text("secret")
    yield folder
    shutil.rmtree(folder)


STATE = """
import glob, os, resource, stat


def listed(folder):
    try:
        found = os.stat(folder)
        below = [entry.path for entry in os.scandir(folder) if not entry.is_symlink()]
        # packages may lie below: they are mounted read-only, and mounts are compared by themselves
        inner = [listed(path) for path in below if not os.path.ismount(path)]
    except OSError:
        return [folder, None]
    rights = [stat.filemode(found.st_mode), found.st_uid, found.st_gid, os.listxattr(folder)]
    fresh = min(found.st_mtime, found.st_ctime) > BEGAN
    return [folder, rights, sorted(inner, key=str), fresh]


def read(place):
    try:
        return open(place).read()
    except OSError:
        return None


def state():
    # without the device's number, which is whichever the machine has free at that moment
    mounts = sorted(line.split(" ", 3)[3] for line in read("/proc/self/mountinfo").splitlines())
    kinds = {*range(16)} - {resource.RLIMIT_CORE, resource.RLIMIT_AS}  # refused; of its own size
    return {
        "folders": [listed(place) for place in (".", "/tmp", "/dev/shm", os.environ["HOME"])],
        "mounts": [line.partition("shared:")[0] for line in mounts],
        "keys": read("/proc/keys"),
        "queues": [read(f"/proc/sysvipc/{name}") for name in ("shm", "sem", "msg")],
        "locks": (read("/proc/locks") or "").count("POSIX"),
        "limits": [resource.getrlimit(kind) for kind in sorted(kinds)],
        "mask": os.umask(0o22),
        "folder": os.getcwd(),
        "others": len(open(f"/proc/{os.getppid()}/task/{os.getppid()}/children").read().split()),
    }
"""
SPOIL = """
import ctypes, fcntl, os, resource, socket, struct, time

libc = ctypes.CDLL(None)
rights = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", k, 0, 2**32 - 1) for k in (1, 4, 32))
kept = []
for folder in (".", "..", "/tmp", "/dev/shm", os.environ["HOME"]):
    for harm in (
        lambda: os.setxattr(folder, "user.mallory", b"1"),
        lambda: os.setxattr(folder, "system.posix_acl_default", rights),
        lambda: os.setxattr(folder, "system.posix_acl_access", rights),
        lambda: os.makedirs(f"{folder}/left/deep", mode=0),
        lambda: os.symlink("/", f"{folder}/link"),
        lambda: kept.append(open(f"{folder}/kept", "w")),
        lambda: fcntl.lockf(kept[-1], fcntl.LOCK_EX),
        lambda: os.utime(folder, (1, 1)),
        lambda: os.chmod(folder, 0o070),
        lambda: libc.mount(b"none", folder.encode(), b"tmpfs", 0, None),
        lambda: libc.umount2(folder.encode(), 2),
    ):
        try:
            harm()
        except OSError:
            pass
for call in ((29, 1, 99, 0o1666), (68, 1, 0o1666), (64, 1, 1, 0o1666), (240, b"m", 66, 0o600, 0),
             (248, b"user", b"m", b"1", 1, -4), (250, 1, b"m")):
    libc.syscall(*call)
os.umask(0o777)
resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))
if os.fork() == 0:
    os.setsid()
    time.sleep(1000)
"""


def as_bytes(job: dict[str, object]) -> np.ndarray:
    """Return a job as the grader sends it: limits on texts are for answers."""
    return np.frombuffer(json.dumps(job).encode(), np.uint8)


def seen(how: str, folder: Path, hidden: list[Path]) -> object:
    try:
        sandbox = Sandbox(backend(how), hidden)
    except NoSandbox as problem:
        pytest.skip(str(problem))
    cells = [{"kind": "code", "source": LOOK}]
    try:
        sandbox.begin(60)
        job = {"cells": cells, "questions": [], "released": [], "care": 0, "seconds": 60.0}
        sandbox.send(as_bytes(job))
        assert sandbox.receive(60) == {}  # no question, no answer
        assert sandbox.receive(60) == "ran"
        sandbox.send({"name": "look", "arguments": [str(folder)], "as_set": False})
        return sandbox.receive(60)["value"]
    finally:
        sandbox.end()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["bubblewrap", "sandlock"])
def test_a_sandbox_reads_packages_but_not_what_lies_elsewhere(
    how: str, among_packages: Path, tmp_path: Path
) -> None:
    (tmp_path / "rubric.py").write_text("secret")
    assert seen(how, among_packages, []) == ["rubric.py"]
    assert seen(how, tmp_path, []) is None


@pytest.mark.slow
@pytest.mark.parametrize("how", ["bubblewrap", "sandlock"])
def test_nothing_survives_a_submission(how: str, tmp_path: Path) -> None:
    try:
        sandbox = Sandbox(backend(how), [])
    except NoSandbox as problem:
        pytest.skip(str(problem))

    def left(code: str, name: str) -> object:
        sandbox.begin(60)
        began = f"BEGAN = {time.time() - 60}\n" if not states else f"BEGAN = {spoiled}\n"
        cells = [{"kind": "code", "source": began + code}]
        job = {"cells": cells, "questions": [], "released": [], "care": 0, "seconds": 60.0}
        sandbox.send(as_bytes(job))
        assert [sandbox.receive(60), sandbox.receive(60)] == [{}, "ran"]
        sandbox.send({"name": name, "arguments": [], "as_set": False})
        said = sandbox.receive(60)
        sandbox.finish()
        return said

    states: list[object] = []
    try:
        states.append(left(STATE, "state"))
        spoiled = time.time()
        assert left(SPOIL, "none") == {"absent": True}
        assert "denied: " in sandbox.denied()
        states.append(left(STATE, "state"))
    finally:
        sandbox.end()
    assert "value" in states[0]  # type: ignore[operator]
    before, after = (state["value"] for state in states)  # type: ignore[index]
    assert [(name, after[name]) for name in before if before[name] != after[name]] == []


@pytest.mark.slow
@pytest.mark.parametrize("how", ["bubblewrap", "sandlock"])
def test_an_environment_may_be_a_link_in_a_folder_that_is_one(how: str, tmp_path: Path) -> None:
    try:
        backend(how)
    except NoSandbox as problem:
        pytest.skip(str(problem))
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / ".venv").symlink_to(sys.prefix)
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    python = tmp_path / "folder" / ".venv" / Path(sys.executable).relative_to(sys.prefix)
    code = "import sys; from tests.grader.test_isolation import seen; from pathlib import Path"
    code += f"; print(sys.prefix, seen({how!r}, Path('/'), []) is not None)"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [python, "-c", code], cwd=root, env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == [str(tmp_path / "folder" / ".venv"), "True"], done.stderr


@pytest.mark.slow
def test_bubblewrap_covers_what_is_hidden_among_packages(among_packages: Path) -> None:
    assert seen("bubblewrap", among_packages, [among_packages]) == []


@pytest.mark.slow
def test_sandlock_refuses_what_it_cannot_hide(among_packages: Path) -> None:
    with pytest.raises(NoSandbox, match="move it"):
        seen("sandlock", among_packages, [among_packages])


def test_folders_of_the_system_are_in_sight_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from cs826tl_grader.sandbox.backends import in_sight

    share, home = Path("/usr/share/course"), Path("/home/ada/course")
    assert in_sight([share, home]) == [share]


def test_without_bubblewrap_root_needs_folders_that_others_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(backends, "_readable", lambda: [str(closed)])
    with pytest.raises(NoSandbox, match=r"never run as root.*chmod o\+x"):
        backends.require_open()


TRIES = """
import os

for _ in range(3):
    try:
        open('/usr/x', 'w')
    except OSError:
        try:
            os.memfd_create('x')
        except OSError:
            pass
try:
    for k in range(6):
        with open(f'large{k}', 'wb', 0) as stream:
            stream.write(bytes(60 << 20))
except OSError:
    pass
"""


@pytest.mark.slow
def test_what_was_denied_is_told_once() -> None:
    try:
        sandbox = Sandbox(backend("bubblewrap"), [])
    except NoSandbox as problem:
        pytest.skip(str(problem))
    job = {"cells": [{"kind": "code", "source": TRIES}], "questions": [], "released": []}
    sandbox.begin(60)
    sandbox.send(as_bytes({**job, "care": 0, "seconds": 60.0}))
    assert [sandbox.receive(60), sandbox.receive(60)] == [{}, "ran"]
    sandbox.finish()
    assert sandbox.denied() == (
        "denied: the system call memfd_create; denied: to write outside; filled its folders"
    )
    assert sandbox.denied() == ""
    sandbox.end()
