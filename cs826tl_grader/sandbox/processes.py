"""Processes that have to end with all that they started, and the folders that they leave."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
from multiprocessing import current_process
from pathlib import Path
from typing import IO

import psutil

TOGETHER = 1000  # names for one command, which takes no more than some megabytes of them
_SET_PARENT_DEATH_SIGNAL = 1  # of prctl


def end_descendants(process: psutil.Process) -> None:
    """End all that a process started: stop, then kill, until none is left.

    Nobody is killed before all are stopped: whoever is stopped cannot fork any more, and a child of
    somebody killed would belong to nobody, and be found no more. So this ends even a fork bomb.
    """
    while left := _stopped(process):
        for child in left:
            with contextlib.suppress(psutil.Error):
                child.kill()
        psutil.wait_procs(left, timeout=0.05)


def _stopped(process: psutil.Process) -> list[psutil.Process]:
    """Stop all that a process started, and return them once no other has come meanwhile."""
    stopped: set[psutil.Process] = set()
    while fresh := {p for p in descendants(process) if _alive(p)} - stopped:
        for child in fresh:
            with contextlib.suppress(psutil.Error):
                child.suspend()
        stopped |= fresh
    return list(stopped)


def die_with_parent() -> None:
    """Have the kernel end this process when the thread that started it has ended."""
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def end_with_parent() -> None:
    """End this process, if it is a worker, and its sandboxes, when who started it has ended.

    A worker of Dask else goes on, and a sandbox outlives what started it.
    """
    parent = psutil.Process().parent()
    if parent is not None and current_process().name != "MainProcess":
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: psutil.Process) -> None:
    parent.wait()
    end_descendants(psutil.Process())
    os._exit(1)


def removed_with_us(folder: Path) -> IO[bytes]:
    """Have a folder removed once what this returns is closed, or this process has ended.

    Even where it is killed. So what removes it is no descendant of this process, and waits for a
    pipe; it tries for a while, because what writes into the folder ends in the same moment.
    """
    remove = 'chmod -R u+rwX -- "$1"; rm -rf -- "$1" && break'
    script = f"exec 3<&0; (cat <&3; for k in 0 1 2 4 8; do sleep $k; {remove}; done) &"
    with subprocess.Popen(
        ["sh", "-c", script, "sh", folder], start_new_session=True,
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as shell:  # fmt: skip
        assert shell.stdin is not None
        pipe, shell.stdin = shell.stdin, None
    return pipe


def descendants(process: psutil.Process) -> list[psutil.Process]:
    """Return all that a process started and what those started, as of now."""
    with contextlib.suppress(psutil.Error):
        return process.children(recursive=True)
    return []


def _alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def remove(*folders: Path) -> None:
    """Remove folders and files, with whatever somebody made of them.

    Unlike `shutil.rmtree`, also those nested a thousand deep, and those that nobody may open. Links
    are removed and never followed, which `chmod` does where it is given one.
    """
    for some in (folders[k : k + TOGETHER] for k in range(0, len(folders), TOGETHER)):
        opened = [path for path in some if path.is_dir() and not path.is_symlink()]
        for command, paths in ((["chmod", "-R", "u+rwX"], opened), (["rm", "-rf"], some)):
            if paths:
                subprocess.run([*command, "--", *paths], stderr=subprocess.DEVNULL, check=False)
