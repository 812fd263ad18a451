"""Which user a submission runs as: never root, whoever starts the grader.

Root's user id 0 alone, without any capability, may still write the kernel's settings in
`/proc/sys`. So where root grades, each sandbox gets a user id that nobody else on the machine has,
and takes it before anything that a student wrote is even read.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

FIRST, NUMBER = 60706, 478  # user ids that neither people, packages nor systemd are given
_KEEP_CAPABILITIES, _DROP_FROM_BOUNDING_SET, _NO_NEW_PRIVILEGES = 8, 24, 38  # of prctl
MOUNTING = 1 << 21  # the capability by which a submission is given fresh folders
_VERSION = 0x20080522  # of the kernel's interface to capabilities


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
