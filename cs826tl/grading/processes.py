"""Processes that have to end, with all that they started."""

from __future__ import annotations

import contextlib
import signal

import psutil


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


def descendants(process: psutil.Process) -> list[psutil.Process]:
    """Return all that a process started and what those started, as of now."""
    with contextlib.suppress(psutil.Error):
        return process.children(recursive=True)
    return []


def _alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False
