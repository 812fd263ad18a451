"""How much a submission's process may take, whose it is, and which rights it gives up.

It is never root's, whoever starts the grader. Root's user id 0 alone, without any capability, may
still write the kernel's settings in `/proc/sys`. So where root grades, each sandbox gets a user id
that nobody else on the machine has, and takes it before anything of a student's is even read.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

import psutil

from cs826tl_grader.sandbox.processes import die_with_parent
from cs826tl_grader.sandbox.syscalls import refuse

MEMORY = 3 * 2**30  # bytes that a process may add to what its parent has
PROCESSES = 24  # of a submission together
FILES = 256
TIMERS = 1024  # and signals that wait, of everything that runs as the same user
LARGEST_FILE = 64 * 2**20
ENTRIES = 20_000  # files and folders together, each of which costs memory, or a place on the disk
FIRST, NUMBER = 60706, 478  # user ids that neither people, packages nor systemd are given
_KEEP_CAPABILITIES, _DROP_FROM_BOUNDING_SET, _NO_NEW_PRIVILEGES = 8, 24, 38  # of prctl
MOUNTING = 1 << 21  # the capability by which a submission is given fresh folders
_VERSION = 0x20080522  # of the kernel's interface to capabilities


def confine(scratch: Path, how: str) -> int | None:
    """Take limits that nothing can lift again, for this process and all that it starts.

    Returns a descriptor for who is to be told of refused system calls, and answers them; None where
    nobody can be told, as under sandlock, which has all calls that it refuses told to itself.
    """
    import resource  # which Windows does not have, where a lecturer may release

    os.setsid()
    os.chdir(scratch)
    bounds = {
        resource.RLIMIT_AS: psutil.Process().memory_info().vms + MEMORY,
        resource.RLIMIT_FSIZE: LARGEST_FILE,
        resource.RLIMIT_NOFILE: FILES,
        resource.RLIMIT_CORE: 1,  # at 0, a handler of the host would still get each crash
        resource.RLIMIT_SIGPENDING: TIMERS,
    }
    if how == "bubblewrap":  # in its own namespace, where nobody else is counted
        bounds[resource.RLIMIT_NPROC] = PROCESSES
    for limit, value in bounds.items():
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))
    die_with_parent()
    if how == "sandlock":
        import sandlock

        # a domain of its own: it can neither signal nor look into its parent
        sandlock.confine(sandlock.Sandbox(fs_readable=["/"], fs_writable=[str(scratch)]))
    if how == "none":
        return None
    drop_capabilities()
    return refuse(told=how == "bubblewrap")


def user_for_sandbox() -> int | None:
    """Return the user id to take; None for an ordinary user, who keeps the own one."""
    return FIRST + os.getpid() % NUMBER if os.geteuid() == 0 else None


def become(user: int, folders: Sequence[Path] = (), keep: int = 0) -> None:
    """Turn root into an ordinary user for good, who owns these folders.

    All capabilities go but those to `keep`. Raises `OSError` where the kernel does not let root, as
    in a container that maps no other user.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    for folder in folders:
        os.chown(folder, user, user)
    _empty_bounding_set(libc)
    libc.prctl(_KEEP_CAPABILITIES, int(keep > 0), 0, 0, 0)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    drop_capabilities(keep)
    if 0 in (*os.getresuid(), *os.getresgid()):
        raise OSError("root could not be left")


def drop_capabilities(keep: int = 0) -> None:
    """Give up every capability but these, and the way to any through a program that grants some."""
    libc = ctypes.CDLL(None, use_errno=True)
    _empty_bounding_set(libc)
    header, none = (ctypes.c_uint32 * 2)(_VERSION, 0), (0, 0, 0, 0)
    refused = libc.capset(header, (ctypes.c_uint32 * 6)(keep, keep, *none))
    if refused or libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError("the capabilities of root could not be given up")


def _empty_bounding_set(libc: ctypes.CDLL) -> None:
    for capability in range(64):
        if libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0):
            break  # the kernel knows no more of them, or this process may not
