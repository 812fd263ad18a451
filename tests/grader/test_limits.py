"""What a submission's process gives up: system calls, the rights of root, and its limits."""

import math
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from cs826tl_grader.sandbox.limits import user_for_sandbox
from cs826tl_grader.sandbox.processes import remove
from cs826tl_grader.sandbox.syscalls import can_refuse

TRIES = """
import ctypes, fcntl, mmap, os, resource, socket, tempfile
from cs826tl_grader.sandbox.syscalls import refuse


def called(name, *words):
    if getattr(ctypes.CDLL(None), name)(*words) < 0:
        raise OSError


def in_memory(*words):
    return mmap.mmap(-1, 1 << 21, *words)


(one, other), pipe, here = socket.socketpair(), os.pipe(), os.open(".", os.O_RDONLY)
refuse()
for tried in (
    lambda: os.memfd_create("x"),
    lambda: os.setpriority(os.PRIO_PROCESS, 0, 1),
    lambda: os.sched_setaffinity(0, {0}),
    lambda: resource.prlimit(os.getppid(), resource.RLIMIT_FSIZE),
    lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
    lambda: socket.socket(socket.AF_INET),
    lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    lambda: mmap.mmap(-1, 4096),
    lambda: called("unshare", 0x10000000),
    lambda: called("inotify_init1", 0),
    *(lambda n=n: called("syscall", n, 0, 0, 0) for n in (444, 445, 446, 317, 469, 999)),
    lambda: os.setxattr(".", "user.note", b"x"),
    lambda: os.removexattr(".", "user.note"),
    lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),
    lambda: socket.socketpair(30, socket.SOCK_SEQPACKET),
    lambda: socket.socket(socket.AF_UNIX).bind("\\0x"),
    lambda: one.listen(4096),
    lambda: one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20),
    lambda: fcntl.fcntl(pipe[1], 1031, 1 << 20),
    lambda: fcntl.ioctl(here, 0x80086601, bytes(8)),
    lambda: in_memory(mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000),
):
    try:
        tried()
        print("done")
    except (OSError, ValueError):
        print("refused")
socket.socketpair()
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))
mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
with tempfile.TemporaryFile() as stream:
    os.posix_fallocate(stream.fileno(), 0, 10_000)
    mmap.mmap(stream.fileno(), 10_000)
    fcntl.lockf(stream, fcntl.LOCK_EX)
    fcntl.flock(stream, fcntl.LOCK_EX)
if not os.fork():
    os._exit(0)
os.wait()
os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
print("the rest works")
"""


@pytest.mark.skipif(not can_refuse(), reason="the numbers of the system calls are not known here")
def test_what_is_refused_fails_and_the_rest_works() -> None:
    done = subprocess.run([sys.executable, "-c", TRIES], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:-1] == ["refused"] * 26 + ["the rest works"]


TOLD = """
import mmap, os, select, socket
from cs826tl_grader.sandbox.syscalls import refuse
from cs826tl_grader.sandbox.attending import answer

ours, theirs = socket.socketpair()
if os.fork() == 0:
    socket.send_fds(theirs, [b"."], [refuse(told=True)])
    for tried in (lambda: os.setpriority(os.PRIO_PROCESS, 0, 1), lambda: mmap.mmap(-1, 4096)):
        try:
            tried()
        except OSError as problem:
            os.write(1, f"{problem.strerror}\\n".encode())  # at once: two processes write
    os._exit(0)
theirs.close()
_, (listener,), _, _ = socket.recv_fds(ours, 1, 1)
poll = select.poll()
poll.register(listener, select.POLLIN)
while poll.poll()[0][1] & select.POLLIN:
    os.write(1, f"told {answer(listener)}\\n".encode())
"""


@pytest.mark.skipif(not can_refuse(), reason="the numbers of the system calls are not known here")
def test_who_holds_the_filter_is_told_of_what_is_refused() -> None:
    done = subprocess.run([sys.executable, "-c", TOLD], capture_output=True, text=True, check=True)
    said = sorted(done.stdout.splitlines())
    refused = ["Cannot allocate memory", "Operation not permitted"]
    assert said == [*refused, "told mmap", "told setpriority"]


PRETENDED = """
import os, sys
from cs826tl_grader.sandbox.syscalls import refuse

path, before = sys.argv[1], os.stat(sys.argv[1])
refuse()
os.chmod(path, 0)
os.utime(path, (1, 1))
after = os.stat(path)
print(before.st_mode == after.st_mode, before.st_mtime_ns == after.st_mtime_ns)
"""


@pytest.mark.skipif(not can_refuse(), reason="the numbers of the system calls are not known here")
def test_what_is_pretended_seems_to_work_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    words = [sys.executable, "-c", PRETENDED, str(tmp_path / "file")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout == "True True\n"


LEAVE_ROOT = """
import os, sys
from cs826tl_grader.sandbox.limits import become, user_for_sandbox

user = user_for_sandbox()
become(user, [sys.argv[1]])
lines = open("/proc/self/status").read().split("\\n")
sets = {line.split()[1] for line in lines if line.startswith("Cap") and "CapInh" not in line}
print(set(os.getresuid()) == set(os.getresgid()) == {user}, os.getgroups(), *sets)
open(sys.argv[1] + "/own", "w").close()
for harm in (lambda: os.setuid(0), lambda: open("/proc/sys/vm/swappiness", "r+")):
    try:
        harm()
        print("done")
    except PermissionError:
        print("refused")
"""


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can leave root")
def test_root_is_left_for_good() -> None:
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    done = subprocess.run(
        [sys.executable, "-c", LEAVE_ROOT, str(folder)], capture_output=True, text=True, check=True
    )
    shutil.rmtree(folder)
    assert done.stdout == f"True [] {0:016x}\nrefused\nrefused\n"


def test_an_ordinary_user_stays_who_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert user_for_sandbox() is None


@pytest.mark.skipif(sys.platform != "linux", reason="submissions run on Linux only")
def test_files_on_the_disk_are_summed_and_empty_ones_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cs826tl_grader.sandbox import watch

    (tmp_path / "deep").mkdir()
    for name in ("one", "deep/two"):
        (tmp_path / name).write_bytes(bytes(100_000))
    held = (tmp_path / "held").open("wb")
    held.write(bytes(300_000))
    held.flush()
    (tmp_path / "held").unlink()
    found = watch._on_disk(tmp_path, [psutil.Process()])
    assert 500_000 <= found <= 600_000
    monkeypatch.setattr(watch, "ENTRIES", 3)  # the folders are two of the four
    assert watch._on_disk(tmp_path, []) == math.inf


@pytest.mark.skipif(sys.platform != "linux", reason="submissions run on Linux only")
def test_what_is_removed_is_not_followed_to_where_it_leads(tmp_path: Path) -> None:
    outside, room = tmp_path / "outside", tmp_path / "room"
    (outside / "deep").mkdir(parents=True)
    room.mkdir()
    for path in (outside / "file", outside / "deep" / "file"):
        path.write_text("the lecturer's")
        path.chmod(0o400)
    (outside / "deep").chmod(0o500)
    (room / "locked").mkdir(mode=0o000)
    for name in ("file", "deep"):
        (room / name).symlink_to(outside / name)
    remove(*room.iterdir())
    assert list(room.iterdir()) == []
    modes = [path.stat().st_mode & 0o777 for path in sorted(outside.rglob("*"))]
    assert modes == [0o500, 0o400, 0o400]
