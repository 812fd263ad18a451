"""Processes that have to end with all that they started, and the folders that they leave."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from multiprocessing import current_process
from pathlib import Path

import psutil

MOST = 28  # processes of a sandbox
MEMORY = 8 * 2**30  # bytes, of all of them together
WRITTEN = 2**30  # bytes to a disk, for one submission
PAUSE = 0.25  # seconds between two looks


def end_descendants(process: psutil.Process) -> None:
    """End all that a process started: stop, then kill, until none is left.

    Those that are stopped cannot fork any more, so this ends even against a fork bomb.
    """
    while left := [p for p in descendants(process) if _alive(p)]:
        for blow in (signal.SIGSTOP, signal.SIGKILL):
            for child in left:
                with contextlib.suppress(psutil.Error):
                    child.send_signal(blow)
        psutil.wait_procs(left, timeout=0.05)


def end_with_parent() -> None:
    """End this process, if it is a worker, and its sandboxes, when who started it has ended.

    joblib's workers else go on for minutes, and a sandbox outlives what started it.
    """
    parent = psutil.Process().parent()
    if parent is not None and current_process().name != "MainProcess":
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: psutil.Process) -> None:
    parent.wait()
    end_descendants(psutil.Process())
    os._exit(1)


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

    The pitfall that it avoids: `shutil.rmtree` fails on folders nested a thousand deep, and leaves
    those that nobody may open.
    """
    if folders:
        for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            subprocess.run([*command, "--", *folders], stderr=subprocess.DEVNULL, check=False)


class Watch:
    """Kills a sandbox whose processes are too many, or take too much memory or disk.

    `pid` is its first process. What is written counts from the last `begin`.
    """

    def __init__(self, pid: int) -> None:
        self._sandbox = psutil.Process(pid)
        self._before = 0
        threading.Thread(target=self._run, daemon=True).start()

    def begin(self) -> None:
        """Count what is written from now on."""
        self._before = _written([self._sandbox, *descendants(self._sandbox)])

    def _run(self) -> None:
        with contextlib.suppress(psutil.Error):
            while self._sandbox.is_running():
                inside = [self._sandbox, *descendants(self._sandbox)]
                if (
                    len(inside) > MOST
                    or _memory(inside) > MEMORY
                    or _written(inside) - self._before > WRITTEN
                ):
                    end_descendants(self._sandbox)
                    self._sandbox.kill()
                time.sleep(PAUSE)


def _memory(processes: Sequence[psutil.Process]) -> int:
    used = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            used += process.memory_info().rss
    return used


def _written(processes: Sequence[psutil.Process]) -> int:
    """Return what they wrote to a disk; those that ended count with who waited for them."""
    written = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            written += process.io_counters().write_bytes
    return written
