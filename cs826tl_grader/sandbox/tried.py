"""What a submission tried and its sandbox denied, counted so that the report can name it.

Most of it is counted inside the submission's own process, by an audit hook of Python's, on a page
of memory that the nursery reads when the process has ended. A hostile submission can silence it or
inflate it. The last kinds, `SEEN`, are counted by the nursery itself (`attending`), which no
submission can silence. All this decides nothing: no mark ever depends on it.
"""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

KINDS = (
    "tried to write outside",
    "tried to read outside",
    "tried to use the network",
    "tried to reach another process",
    "made a system call that is refused",
    "filled its folders",
)
MOST = 10  # where counting stops: a loop that tries for ever counts the same in every run
_WRITE, _READ, _NETWORK, _PROCESS, *SEEN = range(len(KINDS))
_FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate",
    "os.chmod", "os.chown", "os.utime", "os.setxattr", "os.removexattr",
}  # fmt: skip
_PLACES = {"os.symlink": (1,), "os.rename": (0, 1), "os.link": (0, 1)}  # which arguments they are
_HARMLESS = ("/dev/", "/proc/self", "/proc/sys", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat")
_LOOKED_AT = ("/sys/", "/etc/", "/proc/mounts", "/proc/version", "/proc/filesystems")


def new_page() -> mmap.mmap:
    """Return a page that this process shares with those it forks, with a count for each kind."""
    return mmap.mmap(-1, mmap.PAGESIZE)


def counts(page: mmap.mmap, seen: Sequence[int]) -> list[int]:
    """Return how often each of `KINDS` was tried or `seen`, one after the other, at most `MOST`."""
    own = [page[kind] for kind in range(len(KINDS) - len(SEEN))]
    return [min(count, MOST) for count in (*own, *seen)]


def in_words(found: Sequence[int]) -> str:
    """Return what was tried, for a lecturer to read.

    >>> in_words([3, 0, 1, 10])
    'tried to write outside, 3 times; tried to use the network, once; tried to reach another \
process, 10 times or more'
    """
    often = ["", "once", *(f"{n} times" for n in range(2, MOST)), f"{MOST} times or more"]
    return "; ".join(f"{KINDS[k]}, {often[n]}" for k, n in enumerate(found) if n)


def count_from_now(page: mmap.mmap, readable: Sequence[str], writable: Sequence[str]) -> None:
    """Count on the page what this process and its children try from now on, outside of these."""
    may_read, may_write = (*readable, *writable, *_HARMLESS, *_LOOKED_AT), (*writable, "/dev")
    parents = {1, -1, os.getppid()}
    of_parents = tuple(f"/proc/{process}/" for process in parents)

    def place(path: Any) -> str:
        return os.path.abspath(os.fsdecode(path)) if isinstance(path, str | bytes | Path) else ""

    def kind(event: str, arguments: Sequence[Any]) -> int | None:
        if event == "open" or event in _CHANGES or event in ("os.listdir", "os.scandir"):
            paths = map(place, (arguments[k] for k in _PLACES.get(event, (0,))))
            changes = event in _CHANGES or (event == "open" and arguments[2] & _FOR_WRITING)
            allowed = may_write if changes else may_read
            outside = [path for path in paths if path and not _within(path, allowed)]
            if not outside:
                return None
            if outside[0].startswith(of_parents):
                return _PROCESS
            return _WRITE if changes else _READ
        if event == "socket.__new__" and arguments[1] not in (
            1,
            -1,
        ):  # of this machine, or known by number
            return _NETWORK
        if event in ("os.kill", "os.killpg", "resource.prlimit") and arguments[0] in parents:
            return _PROCESS
        return None

    def hook(event: str, arguments: Sequence[Any]) -> None:
        try:
            found = kind(event, arguments)
            if found is not None and page[found] < MOST:
                page[found] += 1
        except Exception:  # it must not make a difference to what runs
            return

    add: Callable[[Callable[[str, Any], None]], None] = sys.addaudithook
    add(hook)


def _within(path: str, places: Sequence[str]) -> bool:
    """Say whether a path is one of these places or lies in one."""
    return any(path == p or path.startswith(p.rstrip("/") + "/") for p in places if p != "/")
