"""What the nursery sees of a submission while it runs, until it has ended or is to be ended.

This is out of the submission's reach: system calls that it was refused, and folders that it filled.
"""

from __future__ import annotations

import os
import select
from collections.abc import Sequence
from pathlib import Path

from cs826tl_grader.sandbox.limits import ENTRIES
from cs826tl_grader.sandbox.told import answer

ROOM = 2**20  # bytes; a folder with less left is full
PAUSE_MS = 250  # between two looks


def attend(
    child: int, connection: int, listener: int | None, in_memory: Sequence[Path]
) -> list[int]:
    """Wait until a submission has ended, its grader has hung up, or it made too many files.

    Returns how often system calls were refused, of which `listener` tells (it is closed then), and
    whether it filled one of the folders `in_memory`: the counts of what is `SEEN`.
    """
    refused, full, over = 0, False, False
    ended, poll = os.pidfd_open(child), select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(connection, 0)  # which tells of the end of the other side, whatever is asked for
    if listener is not None:
        poll.register(listener, select.POLLIN)
    while not over:
        ready = dict(poll.poll(PAUSE_MS))
        if listener is not None and ready.get(listener, 0) & select.POLLIN:
            answer(listener)
            refused += 1
        too_many = any(_entries(folder) > ENTRIES for folder in in_memory)
        full = full or too_many or any(map(_is_full, in_memory))
        over = too_many or bool(ready.keys() - {listener})
    for descriptor in (ended, *([] if listener is None else [listener])):
        os.close(descriptor)
    return [refused, int(full)]


def _entries(folder: Path) -> int:
    """Return how many files there are on a file system, each of which costs memory of its own."""
    found = os.statvfs(folder)
    return found.f_files - found.f_ffree


def _is_full(folder: Path) -> bool:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize < ROOM
