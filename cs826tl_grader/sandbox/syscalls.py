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
import struct

_COLUMN = {"x86_64": 0, "aarch64": 1}
_AUDIT = (0xC000003E, 0xC00000B7)
_NONE = -1  # where an architecture has no such call
_UNKNOWN = 470  # from here on, calls that nobody has looked at yet, and x86-64's other table
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
    "fsconfig": (431, 431), "fspick": (433, 433), "open_tree": (428, 428),
    "open_tree_attr": (467, 467), "fsmount": (432, 432), "move_mount": (429, 429),
    "chroot": (161, 51), "umount2": (166, 39), "pivot_root": (155, 41),
    "mount_setattr": (442, 442), "open_by_handle_at": (304, 265),
    "landlock_create_ruleset": (444, 444), "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446), "seccomp": (317, 277), "lsm_set_self_attr": (460, 460),
    "io_setup": (206, 0), "io_uring_setup": (425, 425), "bpf": (321, 280),
    "userfaultfd": (323, 282), "perf_event_open": (298, 241), "syslog": (103, 116),
    "sethostname": (170, 161), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "setgroups": (116, 159), "setuid": (105, 146), "setreuid": (113, 145),
    "setresuid": (117, 147), "setgid": (106, 144), "setregid": (114, 143),
    "setresgid": (119, 149), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "setxattrat": (463, 463), "removexattr": (197, 14), "lremovexattr": (198, 15),
    "fremovexattr": (199, 16), "removexattrat": (466, 466), "file_setattr": (469, 469),
}  # fmt: skip
_UNTOLD = {"bind": (49, 200)}  # refused where nobody counts the sockets that this makes possible
_SAID = {  # without a word to anybody, for honest libraries call them: what the caller is answered
    errno.ENOSYS: {"clone3": (435, 435)},  # callers take another way then, which can be looked at
    errno.EOPNOTSUPP: {"fallocate": (285, 47)},
    0: {  # done without effect: Landlock does not keep them from files outside
        "chmod": (90, _NONE), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
        "chown": (92, _NONE), "fchown": (93, 55), "lchown": (94, _NONE), "fchownat": (260, 54),
        "utime": (132, _NONE), "utimes": (235, _NONE), "futimesat": (261, _NONE),
        "utimensat": (280, 88), "sync": (162, 81), "syncfs": (306, 267), "flock": (73, 32),
    },
}  # fmt: skip
_LOAD, _AND, _EQUAL, _ANY_OF, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x45, 0x35, 0x06
_CORE = 4  # the limit that, at 1, keeps a crash from the host's own handler; 0 would not
_DATAGRAMS = 2  # a bit of their type: ten for one socket wait, whoever sent them has closed his
_QUEUE = 129  # connections that wait, each with memory of its own
_NO_CHILD = 0x7E028000  # a process in new namespaces, or of another parent
_HUGE_PAGES = 0x40000  # which the whole machine has few of
# Refused by an argument: which one, how it is compared, and with what.
_BY_ARGUMENT = {
    "prlimit64": ((302, 261), [(1, _EQUAL, _CORE)]),
    "setrlimit": ((160, 164), [(0, _EQUAL, _CORE)]),
    "prctl": ((157, 167), [(0, _EQUAL, 22), (0, _EQUAL, 62)]),  # filters, shared cores
    "clone": ((56, 220), [(0, _ANY_OF, _NO_CHILD)]),
    "mmap": ((9, 222), [(3, _ANY_OF, _HUGE_PAGES)]),
    "socket": ((41, 198), [(1, _ANY_OF, _DATAGRAMS)]),
    "socketpair": ((53, 199), [(1, _ANY_OF, _DATAGRAMS)]),
    "listen": ((50, 201), [(1, _AT_LEAST, _QUEUE)]),
    "setsockopt": ((54, 208), [(2, _EQUAL, 7), (2, _EQUAL, 26), (2, _EQUAL, 50)]),  # room, filters
    "fcntl": ((72, 25), [(1, _EQUAL, 1024), (1, _EQUAL, 1026), (1, _EQUAL, 1031)]),  # leases,
}  # fmt: skip                                                     # watches, larger pipes
_ONLY = {  # allowed with this first argument: its own process, sockets that leave no machine
    "prlimit64": ((302, 261), 0), "socket": ((41, 198), 1), "socketpair": ((53, 199), 1),
}  # fmt: skip
_FCNTL, _LOCKS = (72, 25), (6, 7, 37, 38)  # of ranges of a file, each in the kernel's memory
_IOCTL, _OF_TERMINALS = (16, 29), 0x5400  # others change files that are open for reading only
_MMAP = (9, 222)
_ALLOW, _KILL, _ERROR, _TOLD = 0x7FFF0000, 0x80000000, 0x00050000, 0x7FC00000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # where they stand in seccomp's data
_SET_NO_NEW_PRIVS, _SECCOMP, _FILTER, _NEW_LISTENER = 38, (317, 277), 1, 8
_END = (_RETURN, 0, 0, _ALLOW)
_Step = tuple[int, int, int, int]  # code, steps to jump if so, steps to jump if not, value


def can_refuse() -> bool:
    """Say whether the numbers of this machine's system calls are known."""
    return platform.system() == "Linux" and platform.machine() in _COLUMN


def name_of(call: int) -> str:
    """Return the name of a system call that is refused, by its number."""
    column, some = _COLUMN[platform.machine()], {n: of for n, (of, _) in _BY_ARGUMENT.items()}
    return next((n for n, of in (_REFUSED | some).items() if of[column] == call), str(call))


def refuse(told: bool = False) -> int | None:
    """Refuse them to this process and all that it starts, for good; `OSError` if that fails.

    With `told`, return a descriptor: who holds it is told of each call and has to answer it.
    """
    column = _COLUMN[platform.machine()]
    steps = _steps(column, told)
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = struct.pack("@HP", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    how = _NEW_LISTENER if told else 0
    if (
        libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        or (listener := libc.syscall(_SECCOMP[column], _FILTER, how, program)) < 0
    ):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(listener) if told else None


def _steps(column: int, told: bool) -> list[_Step]:
    refusal = (_RETURN, 0, 0, _TOLD) if told else _error(errno.EPERM)
    steps = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, _AUDIT[column]), (_RETURN, 0, 0, _KILL)]
    steps += [(_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, _UNKNOWN), _error(errno.ENOSYS)]
    ends = [(call, refusal) for call in (_REFUSED if told else _REFUSED | _UNTOLD).values()]
    ends += [(call, _error(said)) for said, calls in _SAID.items() for call in calls.values()]
    for numbers, end in ends:
        steps += [(_EQUAL, 0, 1, numbers[column]), end] if numbers[column] != _NONE else []
    for numbers, tests in _BY_ARGUMENT.values():
        for which, compare, value in tests:
            steps += _if(numbers[column], which, [(compare, 0, 1, value), refusal])
    for numbers, only in _ONLY.values():
        steps += _if(numbers[column], 0, [(_EQUAL, 1, 0, only), refusal])
    for lock in _LOCKS:
        steps += _if(_FCNTL[column], 1, [(_EQUAL, 0, 1, lock), _error(0)])
    terminals = [(_AND, 0, 0, 0xFF00), (_EQUAL, 1, 0, _OF_TERMINALS), _error(errno.EOPNOTSUPP)]
    # Shared memory without a file: no process that is left would be seen to hold it.
    both = [(_ANY_OF, 0, 2, mmap.MAP_SHARED), (_ANY_OF, 0, 1, mmap.MAP_ANONYMOUS), refusal]
    return [*steps, *_if(_IOCTL[column], 1, terminals), *_if(_MMAP[column], 3, both), _END]


def _if(call: int, argument: int, then: list[_Step]) -> list[_Step]:
    """Look at an argument of a call, and go on with the next steps where nothing has ended it."""
    look = [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument), *then, (_LOAD, 0, 0, _NUMBER)]
    return [(_EQUAL, 0, len(look), call), *look]


def _error(number: int) -> _Step:
    return (_RETURN, 0, 0, _ERROR | number)
