"""Processes that have to end with all that they started, and the folders that they leave."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from multiprocessing import current_process
from pathlib import Path

import psutil

TOGETHER = 1000  # names for one command, which takes no more than some megabytes of them


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

    Unlike `shutil.rmtree`, also those nested a thousand deep, and those that nobody may open.
    """
    for some in (folders[k : k + TOGETHER] for k in range(0, len(folders), TOGETHER)):
        for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            subprocess.run([*command, "--", *some], stderr=subprocess.DEVNULL, check=False)
