"""Inside the sandbox: one process that has everything imported, a fresh fork for each submission.

This process, the *nursery*, never runs a student's code. It forks a child, tells the grader over
its standard input, a socket, that the child waits, and hands the child the socket of the next
submission. When the child has ended, or the grader has hung up, the nursery kills what is left and
empties the folders. Only the nursery holds its standard input, so no submission can say in its
place that all is well.
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
from cs826tl_grader.sandbox.backends import SCRATCH, readable_inside
from cs826tl_grader.sandbox.channel import Channel
from cs826tl_grader.sandbox.identity import become
from cs826tl_grader.sandbox.limits import confine
from cs826tl_grader.sandbox.processes import remove
from cs826tl_grader.sandbox.serving import serve

CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")  # nobody forks but the main thread
PRELOADED = ("torch", "numpy", "pandas", "sklearn.linear_model", "matplotlib.pyplot", "timm")
COURSE = (
    "data.tasks", "networks.published", "plots", "methods.forgetting", "training.freezing",
    "training.loop",
)  # fmt: skip


def main(scratch: Path, how: str, user: int | None) -> None:
    """Serve submissions until the grader ends, in the sandbox that `how` names, as this user."""
    folders = [scratch, *(SCRATCH if how == "bubblewrap" else ())]
    with contextlib.suppress(OSError):  # where memory runs out, end these processes first
        Path("/proc/self/oom_score_adj").write_text("1000")
    if user is not None and os.geteuid() == 0:
        become(user, folders)
    for name in (*PRELOADED, *(f"cs826tl.{module}" for module in COURSE)):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    _keep_out(how)
    grader, page, readable = socket.socket(fileno=0), tried.new_page(), readable_inside()
    seen = [0] * len(tried.SEEN)
    while True:
        _empty(*folders)
        ours, theirs = socket.socketpair()
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                ours.close()
                channel = _take_over(theirs, folders[0], how)
                tried.count_from_now(page, readable, [*map(str, folders)])
                serve(channel, json.loads(bytes(channel.receive())), scratch)
            os._exit(0)
        theirs.close()
        grader.send(bytes(tried.counts(page, seen)))  # of the last submission; the next can come
        page[: len(tried.KINDS)] = bytes(len(tried.KINDS))
        _, connections, _, _ = socket.recv_fds(grader, 1, 1)
        if not connections:  # the grader has ended
            return
        listener = _hand_over(ours, connections)
        seen = attend(child, connections[0], listener, folders if how == "bubblewrap" else ())
        _end_children()
        ours.close()
        os.close(connections[0])


def _hand_over(child: socket.socket, connections: Sequence[int]) -> int | None:
    """Hand a submission's process its channel; return what tells of system calls refused to it."""
    with contextlib.suppress(OSError):
        socket.send_fds(child, [b"."], connections)
        return next(iter(socket.recv_fds(child, 1, 1)[1]), None)
    return None


def _take_over(nursery: socket.socket, scratch: Path, how: str) -> Channel:
    """Become the process of one submission: take its channel and its limits."""
    _, (connection,), _, _ = socket.recv_fds(nursery, 1, 1)
    os.set_inheritable(connection, False)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    listener = confine(scratch, how)
    if listener is not None:
        socket.send_fds(nursery, [b"."], [listener])
        os.close(listener)
    nursery.close()
    return Channel(socket.socket(fileno=connection))


def _empty(*folders: Path) -> None:
    """Empty folders of what the last submission or an import left; what is mounted there stays.

    `Path.is_mount` would follow a link and take it for what it points to.
    """
    for folder in folders:
        folder.chmod(0o700)  # whatever the last submission made of it
        remove(*(entry for entry in folder.iterdir() if not os.path.ismount(entry)))


def _keep_out(how: str) -> None:
    """Let no child look into this process, and let its orphans become our children."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Python's own would end it at a child's word
    libc = ctypes.CDLL(None)
    pr_set_parent_death_signal, pr_set_dumpable, pr_set_child_subreaper = 1, 4, 36
    if how == "bubblewrap":
        libc.prctl(pr_set_parent_death_signal, signal.SIGKILL, 0, 0, 0)  # a new user id clears it
        if libc.prctl(pr_set_dumpable, 0, 0, 0, 0):
            raise OSError("the sandbox's first process cannot be shielded from the others")
    if how != "none" and libc.prctl(pr_set_child_subreaper, 1, 0, 0, 0):
        raise OSError("the sandbox cannot keep track of the processes in it")


def _end_children() -> None:
    """Kill until there is none left; the children of those that die become our own."""
    while True:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not (left := _children()):
            return
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
