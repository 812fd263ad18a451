"""Bounds on what all processes of a sandbox take together, kept from outside of it.

Limits of the kernel's hold for one process each, and memory that a process shares belongs to nobody
once the process has ended. So what cannot be summed from here is refused in there (`syscalls`), or
lies on file systems of bounded size (`backends`); the rest is summed four times a second.
"""

from __future__ import annotations

import contextlib
import math
import os
import stat
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from cs826tl_grader.sandbox.limits import ENTRIES
from cs826tl_grader.sandbox.processes import descendants, end_descendants

MOST = 28  # processes of a sandbox
MEMORY = 8 * 2**30  # bytes, of all of them together
ON_DISK = 2**30  # bytes of a submission's files together, where they lie on a disk
COUNTED = ("VmRSS:", "VmSwap:", "VmPTE:")  # and the tables that say where each page is
BLOCK = 512  # bytes, as files are counted in
PAUSE = 0.25  # seconds between two looks
PATIENCE = 5  # seconds for a look at the files


class Watch:
    """Kills a sandbox that takes too much memory, disk, processes, or time for a submission.

    `pid` is its first process, and `folder`, if any, where it writes on the disk of the host.
    """

    def __init__(self, pid: int, folder: Path | None) -> None:
        self._sandbox, self._folder = psutil.Process(pid), folder
        self._until = math.inf
        self.worked = 0.0  # seconds of processors that its processes have had
        threading.Thread(target=self._run, daemon=True).start()

    @contextlib.contextmanager
    def for_seconds(self, seconds: float) -> Iterator[None]:
        """Give the sandbox so much time for what the grader waits for meanwhile."""
        self._until = time.monotonic() + seconds
        try:
            yield
        finally:
            self._until = math.inf

    def _run(self) -> None:
        with contextlib.suppress(psutil.Error):
            while self._sandbox.is_running():
                family = [self._sandbox, *descendants(self._sandbox)]
                self.worked = sum(map(_worked, family))
                if self._is_over(family):
                    end_descendants(self._sandbox)
                    self._sandbox.kill()
                time.sleep(PAUSE * (1 + len(family) // MOST))

    def _is_over(self, family: Sequence[psutil.Process]) -> bool:
        return (
            len(family) > MOST
            or time.monotonic() > self._until
            or sum(map(_memory, family)) > MEMORY
            or (self._folder is not None and _on_disk(self._folder, family) > ON_DISK)
        )


def _worked(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        return sum(process.cpu_times()[:2])
    return 0.0


def _memory(process: psutil.Process) -> int:
    """Return the bytes a process holds, those that were swapped out among them."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text("utf-8", "replace").splitlines()
    except OSError:  # it has ended
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith(COUNTED))


def _on_disk(folder: Path, family: Sequence[psutil.Process]) -> float:
    """Return the bytes of the files in a folder, and of those unlinked that a process holds.

    Infinitely many where there are too many files, even empty ones, or counting takes too long.
    """
    command = ["find", str(folder), "-xdev", "-printf", "%b\n"]
    try:
        said = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False).stdout
    except subprocess.TimeoutExpired:
        return math.inf
    blocks = [int(word) for word in said.split()]
    held = sum(dict(_unlinked(family)).values())
    return BLOCK * sum(blocks) + held if 0 < len(blocks) <= ENTRIES else math.inf


def _unlinked(family: Sequence[psutil.Process]) -> Iterator[tuple[tuple[int, int], int]]:
    for process in family:
        with contextlib.suppress(OSError):
            for entry in os.scandir(f"/proc/{process.pid}/fd"):
                with contextlib.suppress(OSError):
                    found = os.stat(entry.path)
                    if stat.S_ISREG(found.st_mode) and not found.st_nlink:
                        yield (found.st_dev, found.st_ino), BLOCK * found.st_blocks
