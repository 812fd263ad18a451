"""Inside the sandbox: one process that has everything imported, a fresh fork for each submission.

This process, the *nursery*, never runs a student's code. It forks a child, tells the grader over
its standard input, a socket, that the child waits, and hands the child the socket of the next
submission. Each child is given fresh folders, so that nothing can be left in them for the next.
When the child has ended, or the grader has hung up, the nursery kills what is left. Only the
nursery holds its standard input, so no submission can say in its place that all is well.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from cs826tl_grader.sandbox import tried
from cs826tl_grader.sandbox.attending import attend
from cs826tl_grader.sandbox.backends import DISK, SCRATCH, readable_inside
from cs826tl_grader.sandbox.channel import Channel
from cs826tl_grader.sandbox.limits import ENTRIES, MOUNTING, become, confine
from cs826tl_grader.sandbox.processes import die_with_parent
from cs826tl_grader.sandbox.serving import serve

_NEW_MOUNTS = 0x20000  # of unshare; the next are of mount
_NO_SUID, _NO_DEVICES, _BIND, _RECURSIVE, _PRIVATE = 2, 4, 4096, 16384, 1 << 18
CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")  # nobody forks but the main thread
PRELOADED = ("torch", "numpy", "pandas", "sklearn.linear_model", "matplotlib.pyplot", "timm")
COURSE = (
    "data.tasks", "networks.published", "plots", "methods.forgetting", "training.freezing",
    "training.loop",
)  # fmt: skip


def main(scratch: Path, how: str, user: int | None) -> None:
    """Serve submissions until the grader ends, in the sandbox that `how` names, as this user."""
    mounted = how == "bubblewrap"
    folders = [scratch, *(SCRATCH if mounted else ())]
    with contextlib.suppress(OSError):  # where memory runs out, end these processes first
        Path("/proc/self/oom_score_adj").write_text("1000")
    if user is not None and os.geteuid() == 0:
        become(user, folders, keep=MOUNTING if mounted else 0)
    for name in (*PRELOADED, *(f"cs826tl.{module}" for module in COURSE)):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    _keep_out(how)
    grader, readable, said = socket.socket(fileno=0), readable_inside(), set[str]()
    while True:
        if not mounted:  # what is left is removed from outside, where nothing slows it down
            with contextlib.suppress(FileNotFoundError):
                scratch.rename(scratch.with_name(f"left-{os.urandom(8).hex()}"))
            scratch.mkdir()
        ours, theirs = socket.socketpair()
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                ours.close()
                channel = _take_over(theirs, folders, how)
                tried.tell_from_now(theirs.send, readable, [*map(str, folders)])
                job = json.loads(bytes(channel.receive()))
                serve(channel, job, scratch, theirs.send)
            with contextlib.suppress(BaseException):  # it stays to be looked at, and is ended
                theirs.send(tried.DONE)
                signal.pause()
            os._exit(0)
        theirs.close()
        ended = os.pidfd_open(child)
        socket.send_fds(grader, ["; ".join(sorted(said)).encode() + b"\n"], [ended])
        _, connections, _, _ = socket.recv_fds(grader, 1, 1)
        if not connections:  # the grader has ended
            return
        shown = _hand_over(ours, connections)
        said = attend(ended, connections[0], ours, shown)
        if _end_children(besides=child):
            said.add(tried.LEFT)
        ours.close()
        for descriptor in (ended, *connections, *shown):
            os.close(descriptor)


def _hand_over(child: socket.socket, connections: Sequence[int]) -> list[int]:
    """Hand a submission's process its channel; return what it shows of itself to `attend`."""
    with contextlib.suppress(OSError):
        socket.send_fds(child, [b"."], connections)
        return socket.recv_fds(child, 1, 1 + len(SCRATCH) + 1)[1]
    return []


def _take_over(nursery: socket.socket, folders: Sequence[Path], how: str) -> Channel:
    """Become the process of one submission: take its channel, its folders and its limits."""
    _, (connection,), _, _ = socket.recv_fds(nursery, 1, 1)
    os.set_inheritable(connection, False)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    if how == "bubblewrap":
        _mount_fresh(folders)
    shown = [os.open(folder, os.O_PATH) for folder in folders]
    if (listener := confine(folders[0], how)) is not None:
        socket.send_fds(nursery, [b"."], [listener, *shown])
        os.close(listener)
    else:
        nursery.send(b".")
    for descriptor in (nowhere, *shown):
        os.close(descriptor)
    return Channel(socket.socket(fileno=connection))


def _mount_fresh(folders: Sequence[Path]) -> None:
    """Put file systems of our own over folders, which end with the last process that sees them.

    What is mounted in a folder, as packages may be, stays there. `Path.is_mount` would follow a
    link and take it for what it points to.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"mode=0700,size={DISK},nr_inodes={ENTRIES}".encode()

    def mount(what: str, where: Path | str, flags: int, options: bytes | None = None) -> None:
        if libc.mount(what.encode(), os.fsencode(where), b"tmpfs", flags, options):
            raise OSError(ctypes.get_errno(), f"{where} cannot be mounted")

    if libc.unshare(_NEW_MOUNTS):
        raise OSError(ctypes.get_errno(), "no mounts of its own")
    mount("none", "/", _RECURSIVE | _PRIVATE)
    for folder in folders:
        inner = [place.name for place in folder.iterdir() if os.path.ismount(place)]
        held = [os.open(folder / name, os.O_PATH) for name in inner]
        mount("tmpfs", folder, _NO_SUID | _NO_DEVICES, options)
        for name, descriptor in zip(inner, held, strict=True):
            (folder / name).mkdir()
            mount(f"/proc/self/fd/{descriptor}", folder / name, _BIND | _RECURSIVE)
            os.close(descriptor)


def _keep_out(how: str) -> None:
    """Let no child look into this process, and let its orphans become our children."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Python's own would end it at a child's word
    libc = ctypes.CDLL(None)
    pr_set_dumpable, pr_set_child_subreaper = 4, 36
    if how == "bubblewrap":
        die_with_parent()  # once more: a new user id clears it
        if libc.prctl(pr_set_dumpable, 0, 0, 0, 0):
            raise OSError("the sandbox's first process cannot be shielded from the others")
    if how != "none" and libc.prctl(pr_set_child_subreaper, 1, 0, 0, 0):
        raise OSError("the sandbox cannot keep track of the processes in it")


def _end_children(besides: int) -> bool:
    """Kill until there is none left; the children of those that die become our own.

    Returns whether one had become so before, which was started to stay.
    """
    stayed = bool({*_children()} - {besides})
    while True:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not (left := _children()):
            return stayed
        for blow in (signal.SIGSTOP, signal.SIGKILL):
            for child in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, blow)
        time.sleep(0.002)


def _children() -> list[int]:
    """Return our children, which a sandbox may hide from every other way of asking."""
    try:
        return [int(word) for word in CHILDREN.read_text().split()]
    except OSError:
        return [child.pid for child in psutil.Process().children()]


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if sys.argv[3:] else None)
