"""What the nursery sees of a submission while it runs, until it has ended or is to be ended.

System calls that it was refused, and what it filled, are out of its reach: the kernel holds the
caller until whoever has the filter's descriptor answers (seccomp's user notification, Linux 5.0;
the numbers are those of its header `linux/seccomp.h`).
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from cs826tl_grader.sandbox.limits import FILES, MEMORY, PROCESSES
from cs826tl_grader.sandbox.syscalls import name_of
from cs826tl_grader.sandbox.tried import DONE, FULL, NETWORK, WORDS

ROOM = 2**20, 10  # bytes and names; a folder with less left is full
SOCKETS = 500  # those among them that wait to be accepted, which no limit counts
PAUSE_MS = 250  # between two looks
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_CALL, _REPLY = struct.Struct("=QIIi60x"), struct.Struct("=QqiI")


def attend(
    child: int, connection: int, words: socket.socket, shown: Sequence[int] = ()
) -> set[str]:
    """Wait until a submission has ended, its grader has hung up, or it opened too many sockets.

    Returns what was denied or done: what its process says of itself over `words`, and what is seen
    through the descriptors `shown`: one that tells of refused calls, and its folders in memory.
    """
    said, over = set[str](), False
    poll, open_ = select.poll(), {words.fileno(), *shown[:1]}
    for descriptor in open_:
        poll.register(descriptor, select.POLLIN)
    poll.register(child, select.POLLIN)
    poll.register(connection, 0)  # which tells of the end of the other side, whatever is asked for
    while True:
        ready = dict(poll.poll(PAUSE_MS))
        if shown and ready.get(shown[0], 0) & select.POLLIN:
            name = answer(shown[0])
            said.add(NETWORK if name == "socket" else f"denied: the system call {name}")
        if words.fileno() in ready:
            with contextlib.suppress(OSError):
                spoken = words.recv(4096, socket.MSG_DONTWAIT)
                said |= {WORDS[byte] for byte in spoken if byte < len(WORDS)}
                if not spoken:
                    poll.unregister(words)
                over = spoken.endswith(DONE)
        if any(map(_is_full, shown[1:])):
            said.add(FULL)
        said |= set(_near_limits()) if shown else set()
        if shown and _sockets() > SOCKETS:
            return said | {"opened too many sockets, and was ended"}
        if over or ready.keys() & {child, connection}:
            return said


def answer(listener: int) -> str:
    """Let the call that waits fail, as it does where nobody is told, and return its name.

    Never blocks if `poll` said that one waits: should its caller have been killed since, the kernel
    says so.
    """
    import fcntl  # only here: Windows, which releases exercises and grades none, has none

    call = bytearray(_CALL.size)
    with contextlib.suppress(OSError):
        fcntl.ioctl(listener, _RECEIVE, call)
        id_, _, _, number = _CALL.unpack(call)
        problem = errno.ENOMEM if name_of(number) == "mmap" else errno.EPERM
        fcntl.ioctl(listener, _SEND, _REPLY.pack(id_, 0, -problem, 0))
    return name_of(_CALL.unpack(call)[3])


def _is_full(folder: int) -> bool:
    found = os.fstatvfs(folder)
    return found.f_bavail * found.f_frsize < ROOM[0] or found.f_ffree < ROOM[1]


def _near_limits() -> Iterator[str]:
    """Say which limits the processes in the sandbox have come near, all but this one, the first."""
    threads, first = 0, psutil.Process().memory_info().vms
    for place in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):  # it has ended
            lines = place.read_text("utf-8", "replace").splitlines()
            pairs = [line.split()[:2] for line in lines]
            number = {p[0]: int(p[1]) for p in pairs if p[1:] and p[1].isdecimal()}
            threads += number["Threads:"]
            if place.parent.name == "1":
                continue
            if number["FDSize:"] >= FILES:  # it doubles, and never becomes smaller
                yield "came near its limit of open files"
            if 1024 * number.get("VmPeak:", 0) - first >= 2 * MEMORY // 3:
                yield "came near its limit of memory"
    if threads >= PROCESSES:
        yield "reached its limit of processes"


def _sockets() -> int:
    """Return how many sockets there are in the sandbox, which has a network of its own."""
    return Path("/proc/net/unix").read_bytes().count(b"\n")
