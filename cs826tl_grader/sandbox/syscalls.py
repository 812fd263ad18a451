"""System calls that a submission is refused: what they do, no other limit counts or undoes.

Some keep memory or state that is nobody's, some change the process that serves the next student,
some lead into parts of the kernel that no exercise needs. The filter is seccomp's, classic BPF; the
numbers are those of the kernel's tables for each architecture. libseccomp would know them by name,
but pip cannot install it, and an older one silently lacks the newer calls.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import platform
from collections.abc import Mapping

_COLUMN = {"x86_64": 0, "aarch64": 1}
_AUDIT = (0xC000003E, 0xC00000B7)
_NONE = -1  # where an architecture has no such call
_REFUSED = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438), "kcmp": (312, 272), "process_madvise": (440, 440),
    "setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119), "sched_setattr": (314, 274), "sched_setaffinity": (203, 122),
    "migrate_pages": (256, 238), "move_pages": (279, 239),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
    "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180), "vmsplice": (278, 75),
    "inotify_init": (253, _NONE), "inotify_init1": (294, 26), "fanotify_init": (300, 262),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "fsopen": (430, 430),
    "open_tree": (428, 428), "fsmount": (432, 432), "move_mount": (429, 429), "chroot": (161, 51),
    "umount2": (166, 39), "pivot_root": (155, 41), "mount_setattr": (442, 442),
    "io_uring_setup": (425, 425), "bpf": (321, 280), "userfaultfd": (323, 282),
    "perf_event_open": (298, 241), "syslog": (103, 116), "sethostname": (170, 161),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "setgroups": (116, 159),
    "setuid": (105, 146), "setreuid": (113, 145), "setresuid": (117, 147),
    "setgid": (106, 144), "setregid": (114, 143), "setresgid": (119, 149),
}  # fmt: skip
_ABSENT = {  # said not to exist: callers then take another way, which can be counted
    "clone3": ((435, 435), errno.ENOSYS), "fallocate": ((285, 47), errno.EOPNOTSUPP),
}  # fmt: skip
_ONLY = {  # allowed with this first argument: its own process, sockets that leave no machine
    "prlimit64": ((302, 261), 0),
    "socket": ((41, 198), 1),
}
_CORE = 4  # the limit that, at 1, keeps a crash from the host's own handler; 0 would not
_BUT_NOT = {  # refused where this argument has this value
    "prlimit64": ((302, 261), 1, _CORE),
    "setrlimit": ((160, 164), 0, _CORE),
}
_PRETENDED = {  # done without effect: Landlock does not keep them from files outside
    "chmod": (90, _NONE), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, _NONE), "fchown": (93, 55), "lchown": (94, _NONE), "fchownat": (260, 54),
    "utime": (132, _NONE), "utimes": (235, _NONE), "futimesat": (261, _NONE),
    "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "setxattrat": (463, 463), "removexattr": (197, 14), "lremovexattr": (198, 15),
    "fremovexattr": (199, 16), "removexattrat": (466, 466), "file_setattr": (469, 469),
}  # fmt: skip
_CLONE, _NO_CHILD = (56, 220), 0x7E028000  # a process in new namespaces, or of another parent
_MMAP, _FLAGS = (9, 222), 3  # and which of its arguments the flags are
_LOAD, _EQUAL, _ANY_OF, _AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _KILL, _ERROR, _TOLD = 0x7FFF0000, 0x80000000, 0x00050000, 0x7FC00000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # where they stand in seccomp's data
_FOREIGN = 0x40000000  # from here on, numbers of x86-64's other table
_SET_NO_NEW_PRIVS, _SECCOMP, _FILTER, _NEW_LISTENER = 38, (317, 277), 1, 8
_END = (_RETURN, 0, 0, _ALLOW)
_Steps = list[tuple[int, int, int, int]]  # code, steps to jump if so, steps to jump if not, value


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


def maps_memory(call: int) -> bool:
    """Say whether this is the number of `mmap`, which is refused as if memory had run out."""
    return call == _MMAP[_COLUMN[platform.machine()]]


def refuse(pretend: bool = False, told: bool = False) -> int | None:
    """Refuse them to this process and all that it starts, for good; `OSError` if that fails.

    With `pretend`, calls that change a file's mode, owner, times or attributes do nothing. With
    `told`, return a descriptor: who holds it is told of each call and has to `answer` it.
    """
    column = _COLUMN[platform.machine()]
    steps = _steps(column, _PRETENDED if pretend else {}, told)
    program = _Program(len(steps), (_Step * len(steps))(*(_Step(*step) for step in steps)))
    libc = ctypes.CDLL(None, use_errno=True)
    how = _NEW_LISTENER if told else 0
    if (
        libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        or (listener := libc.syscall(_SECCOMP[column], _FILTER, how, ctypes.byref(program))) < 0
    ):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(listener) if told else None


def _steps(column: int, pretended: Mapping[str, tuple[int, int]], told: bool) -> _Steps:
    refused = [(numbers, _refusal(told, errno.EPERM)) for numbers in _REFUSED.values()]
    refused += [(numbers, _error(problem)) for numbers, problem in _ABSENT.values()]
    refused += [(numbers, _error(0)) for numbers in pretended.values()]
    steps: _Steps = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, _AUDIT[column])]
    steps += [(_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER)]
    steps += [(_AT_LEAST, 0, 1, _FOREIGN), _error(errno.EPERM)]
    for numbers, refusal in refused:
        if numbers[column] != _NONE:
            steps += [(_EQUAL, 0, 1, numbers[column]), refusal]
    for numbers, which, value in _BUT_NOT.values():
        steps += [(_EQUAL, 0, 4, numbers[column]), (_LOAD, 0, 0, _ARGUMENTS + 8 * which)]
        steps += [(_EQUAL, 0, 1, value), _refusal(told, errno.EPERM), (_LOAD, 0, 0, _NUMBER)]
    for numbers, only in _ONLY.values():
        steps += [(_EQUAL, 0, 4, numbers[column]), (_LOAD, 0, 0, _ARGUMENTS)]
        steps += [(_EQUAL, 0, 1, only), _END, _error(errno.EPERM)]
    steps += _only_children(_CLONE[column], _refusal(told, errno.EPERM))
    return [*steps, *_no_shared_memory(_MMAP[column], _refusal(told, errno.ENOMEM)), _END]


def _only_children(clone: int, refusal: tuple[int, int, int, int]) -> _Steps:
    """Refuse a process in namespaces of its own, where it would have every capability.

    And one that is not the caller's child: the process that serves the next student would get it.
    """
    start = [(_EQUAL, 0, 4, clone), (_LOAD, 0, 0, _ARGUMENTS)]
    return [*start, (_ANY_OF, 0, 1, _NO_CHILD), refusal, _END]


def _no_shared_memory(map_memory: int, refusal: tuple[int, int, int, int]) -> _Steps:
    """Refuse shared memory without a file: no process that is left would be seen to hold it."""
    start = [(_EQUAL, 0, 5, map_memory), (_LOAD, 0, 0, _ARGUMENTS + 8 * _FLAGS)]
    both = [(_ANY_OF, 0, 2, mmap.MAP_SHARED), (_ANY_OF, 0, 1, mmap.MAP_ANONYMOUS)]
    return [*start, *both, refusal, _END]


def _refusal(told: bool, number: int) -> tuple[int, int, int, int]:
    return (_RETURN, 0, 0, _TOLD) if told else _error(number)


def _error(number: int) -> tuple[int, int, int, int]:
    return (_RETURN, 0, 0, _ERROR | number)
