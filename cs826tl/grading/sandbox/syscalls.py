"""System calls that a submission is refused: what they do, no other limit counts or undoes.

Some keep memory or state that is nobody's, some change the process that serves the next student,
some lead into parts of the kernel that no exercise needs. The filter is seccomp's, classic BPF; the
numbers are those of the kernel's tables for each architecture.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform

_COLUMN = {"x86_64": 0, "aarch64": 1}
_AUDIT = (0xC000003E, 0xC00000B7)
_REFUSED = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438), "kcmp": (312, 272), "process_madvise": (440, 440),
    "setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119), "sched_setattr": (314, 274), "sched_setaffinity": (203, 122),
    "migrate_pages": (256, 238), "move_pages": (279, 239),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
    "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "fsopen": (430, 430),
    "open_tree": (428, 428), "fsmount": (432, 432), "move_mount": (429, 429), "chroot": (161, 51),
    "io_uring_setup": (425, 425), "bpf": (321, 280), "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
}  # fmt: skip
_ONLY = {  # allowed with this first argument: its own process, sockets that leave no machine
    "prlimit64": ((302, 261), 0),
    "socket": ((41, 198), 1),
}
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
_NUMBER, _ARCHITECTURE, _FIRST = 0, 4, 16  # where they stand in seccomp's data
_FOREIGN = 0x40000000  # from here on, numbers of x86-64's other table
_SET_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2


class _Step(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort), ("then", ctypes.c_ubyte), ("other", ctypes.c_ubyte),
        ("value", ctypes.c_uint),
    )  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step)))


def can_refuse() -> bool:
    """Say whether the numbers of this machine's system calls are known."""
    return platform.system() == "Linux" and platform.machine() in _COLUMN


def refuse() -> None:
    """Refuse them to this process and all that it starts, for good; `OSError` if that fails."""
    steps = _steps(_COLUMN[platform.machine()])
    program = _Program(len(steps), (_Step * len(steps))(*(_Step(*step) for step in steps)))
    libc = ctypes.CDLL(None, use_errno=True)
    for call in ((_SET_NO_NEW_PRIVS, 1, 0), (_SET_SECCOMP, _FILTER, ctypes.byref(program))):
        if libc.prctl(*call, 0, 0):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _steps(column: int) -> list[tuple[int, int, int, int]]:
    """Return the filter's steps: code, steps to jump if so, steps to jump if not, value."""
    end, error = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _ERROR)
    steps = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, _AUDIT[column]), (_RETURN, 0, 0, _KILL)]
    steps += [(_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, _FOREIGN), error]
    for numbers in _REFUSED.values():
        steps += [(_EQUAL, 0, 1, numbers[column]), error]
    for numbers, only in _ONLY.values():
        steps += [(_EQUAL, 0, 4, numbers[column]), (_LOAD, 0, 0, _FIRST)]
        steps += [(_EQUAL, 0, 1, only), end, error]
    return [*steps, end]
