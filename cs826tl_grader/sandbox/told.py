"""Told of refused system calls: the nursery counts them, out of reach of who makes them.

The kernel holds the caller until whoever has the filter's descriptor answers (seccomp's user
notification, Linux 5.0). The numbers are those of its header `linux/seccomp.h`.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno

from cs826tl_grader.sandbox.syscalls import maps_memory

_RECEIVE, _SEND = 0xC0502100, 0xC0182101


class _Told(ctypes.Structure):
    _fields_ = (
        ("id", ctypes.c_uint64), ("pid", ctypes.c_uint32), ("flags", ctypes.c_uint32),
        ("call", ctypes.c_int32), ("architecture", ctypes.c_uint32),
        ("instruction", ctypes.c_uint64), ("arguments", ctypes.c_uint64 * 6),
    )  # fmt: skip


class _Reply(ctypes.Structure):
    _fields_ = (
        ("id", ctypes.c_uint64), ("value", ctypes.c_int64), ("error", ctypes.c_int32),
        ("flags", ctypes.c_uint32),
    )  # fmt: skip


def answer(listener: int) -> None:
    """Let the call that waits fail, as it does where nobody is told.

    Never blocks if `poll` said that one waits: should its caller have been killed since, the kernel
    says so.
    """
    import fcntl  # only here: Windows, which releases exercises and grades none, has none

    told = _Told()
    with contextlib.suppress(OSError):
        fcntl.ioctl(listener, _RECEIVE, told)
        problem = errno.ENOMEM if maps_memory(told.call) else errno.EPERM
        fcntl.ioctl(listener, _SEND, _Reply(told.id, 0, -problem, 0))
