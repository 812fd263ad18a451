"""Inside the sandbox: one process that has everything imported, a fresh fork for each submission.

This process, the *nursery*, never runs a student's code. It forks a child, says on its standard
error that the child waits, and when the child has ended, kills what the child left behind and
empties the working folder. Only the nursery holds that standard error, so no submission can say in
its place that all is well.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import select
import signal
import sys
import time
from pathlib import Path

import psutil

from cs826tl.grading.sandbox.processes import remove
from cs826tl.grading.sandbox.serving import serve

CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")  # nobody forks but the main thread
# The grader's word to end a submission's process. Windows, where you may release, has no SIGUSR1.
GIVE_UP = getattr(signal, "SIGUSR1", signal.SIGTERM)
READY = b"\x06"  # ASCII's ACK: no warning contains it
PRELOADED = ("torch", "numpy", "pandas", "sklearn.linear_model", "matplotlib.pyplot", "timm")
COURSE = ("backbones", "freezing", "training", "forgetting", "plots", "tasks")


def main(scratch: Path, how: str) -> None:
    """Serve submissions until standard input ends, in the sandbox that `how` names."""
    for name in (*PRELOADED, *(f"cs826tl.{module}" for module in COURSE)):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    _keep_out(how)
    signal.signal(GIVE_UP, signal.SIG_IGN)
    while True:
        scratch.chmod(0o700)  # whatever the last submission made of it
        remove(*scratch.iterdir())  # what it left, or what was imported
        _drain(0)
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                serve(scratch, how)
            os._exit(0)
        signal.signal(GIVE_UP, lambda *_, child=child: os.kill(child, signal.SIGKILL))
        os.write(2, READY)
        more = _wait(child)
        signal.signal(GIVE_UP, signal.SIG_IGN)
        _end_children()
        if not more:
            return


def _keep_out(how: str) -> None:
    """Let no child look into this process, and let its orphans become our children."""
    libc = ctypes.CDLL(None)
    pr_set_dumpable, pr_set_child_subreaper = 4, 36
    if how == "bubblewrap" and libc.prctl(pr_set_dumpable, 0, 0, 0, 0):
        raise OSError("the sandbox's first process cannot be shielded from the others")
    if how != "none" and libc.prctl(pr_set_child_subreaper, 1, 0, 0, 0):
        raise OSError("the sandbox cannot keep track of the processes in it")


def _wait(child: int) -> bool:
    """Wait until the child has ended, and return True, or the grader has, and return False."""
    ended, poll = os.pidfd_open(child), select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(0, 0)  # which tells of the end of the other side, whatever is asked for
    ready = [descriptor for descriptor, _ in poll.poll()]
    os.close(ended)
    return 0 not in ready


def _drain(descriptor: int) -> None:
    """Throw away what the last submission left unread."""
    while select.select([descriptor], [], [], 0)[0]:
        if not os.read(descriptor, 2**16):
            return


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
    main(Path(sys.argv[1]), sys.argv[2])
