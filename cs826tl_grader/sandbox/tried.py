"""What a submission tried and its sandbox denied, or did beside its answers, for the report.

Its own process tells of it, by an audit hook of Python's, in bytes that stand for `WORDS`. They
cannot be taken back, but a hostile submission can silence the hook, or say more than is true. What
the nursery sees itself (`attending`) no submission can silence. All this decides nothing: no mark
ever depends on it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

WORDS = (
    "denied: to write outside",
    "denied: to read outside",
    "denied: the network",
    "denied: to reach another process",
    "tried to change its limits",
    "called C by ctypes",
    "looked through the grader's own objects",
    "replaced functions of Python, of libraries or of the grader",
    "denied: a larger file",
)
_WRITE, _READ, _ONLINE, _PROCESS, _LIMITS, _C, _LOOKED, _REPLACED, _LARGER = range(len(WORDS))
DONE = b"\xff"  # no word: it has served
NETWORK = WORDS[_ONLINE]
FULL = "filled its folders"
LEFT = "left processes behind"
UNASKED = "sent what nobody had asked for"
_FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate",
    "os.chmod", "os.chown", "os.utime", "os.setxattr", "os.removexattr",
}  # fmt: skip
_LISTS = {"os.listdir", "os.scandir"}
_PLACES = {"os.symlink": (1,), "os.rename": (0, 1), "os.link": (0, 1)}  # which arguments they are
_SIGNALS = {"os.kill", "os.killpg", "resource.prlimit"}
_LOOKS = {
    "sys._getframe", "sys._current_frames", "sys.addaudithook", "sys.settrace", "sys.setprofile",
    "gc.get_objects", "gc.get_referrers", "gc.get_referents",
}  # fmt: skip
_EVENTS = {"open", "socket.__new__", "socket.connect", "fcntl.ioctl", "resource.setrlimit"}
_EVENTS |= _CHANGES | _LISTS | _SIGNALS | _LOOKS
_IN_ITSELF = ("/proc/self/mem", "/proc/self/fd/", "/proc/self/environ", "/proc/self/maps")
_HARMLESS = ("/dev/", "/sys/", "/etc/", *(f"/proc/{name}" for name in ("self", "sys", "cpuinfo",
             "meminfo", "stat", "mounts", "version", "filesystems")))  # fmt: skip
_DEVICES = tuple(f"/dev/{n}" for n in ("null", "zero", "full", "tty", "fd", "stdout", "stderr"))
_TERMINALS = 0x54  # in the numbers of what `ioctl` does
_OTHERS = ("builtins", "json", "math", "random", "numpy", "torch", "safetensors.numpy")
_OWN = "__main__"  # the name of the module in which a notebook runs
Tell = Callable[[bytes], Any]


def tell_from_now(tell: Tell, readable: Sequence[str], folders: Sequence[str]) -> None:
    """Tell what this process and its children try from now on, outside of these: each once."""
    may_read, may_write = (*readable, *folders, *_HARMLESS), (*folders, *_DEVICES)
    parents = {1, -1, os.getppid()}
    of_parents = tuple(f"/proc/{process}/" for process in parents)
    told: set[int] = set()

    def place(path: Any) -> str:
        return os.path.abspath(os.fsdecode(path)) if isinstance(path, str | bytes | Path) else ""

    def kind(event: str, arguments: Sequence[Any], caller: FrameType | None) -> int | None:
        if event == "open" or event in _CHANGES | _LISTS:
            paths = map(place, (arguments[k] for k in _PLACES.get(event, (0,))))
            changes = event in _CHANGES or (event == "open" and arguments[2] & _FOR_WRITING)
            allowed = folders if event in _CHANGES else may_write if changes else may_read
            outside = [path for path in paths if path and not _within(path, allowed)]
            if not outside:
                looks = event == "open" and place(arguments[0]).startswith(_IN_ITSELF)
                return _LOOKED if looks and _is_own(caller) else None
            if outside[0].startswith(of_parents):
                return _PROCESS
            return _WRITE if changes else _READ
        if event == "socket.__new__":
            return None if arguments[1] in (1, -1) else _ONLINE  # -1: known by its number
        if event == "socket.connect":
            there = place(arguments[1])  # none for sockets without a file
            return None if not there or "\0" in there or _within(there, folders) else _PROCESS
        if event in _SIGNALS:
            return _PROCESS if arguments[0] in parents else None
        if not _is_own(caller):
            return None
        if event == "fcntl.ioctl":
            return None if arguments[1] >> 8 & 0xFF == _TERMINALS else _WRITE
        return _LOOKED if event in _LOOKS else {"resource.setrlimit": _LIMITS}.get(event, _C)

    def hook(event: str, arguments: Sequence[Any]) -> None:
        if event not in _EVENTS and not event.startswith("ctypes."):
            return
        try:
            raise LookupError  # the way to the caller that calls no hook
        except LookupError as problem:
            frame = problem.__traceback__.tb_frame.f_back  # type: ignore[union-attr]
        try:
            found = kind(event, arguments, frame)
            if found is not None and found not in told:
                told.add(found)
                tell(bytes([found]))
        except Exception:  # it must not make a difference to what runs
            return

    def larger(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)  # as Python has it: the call fails, and that is all
        tell(bytes([_LARGER]))

    signal.signal(signal.SIGXFSZ, larger)
    add: Callable[[Callable[[str, Any], None]], None] = sys.addaudithook
    add(hook)


def what_could_be_replaced() -> dict[tuple[str, str], Any]:
    """Return the functions of Python, libraries and the grader that a notebook can replace."""
    modules = {
        n: m for n, m in sys.modules.items() if n in _OTHERS or n.startswith("cs826tl_grader")
    }
    return {(n, key): f for n, m in modules.items() for key, f in vars(m).items() if callable(f)}


def tell_what_was_replaced(before: dict[tuple[str, str], Any], tell: Tell) -> None:
    """Tell if any of these functions is another one by now."""
    now = ((getattr(sys.modules.get(n), key, None), f) for (n, key), f in before.items())
    if any(one is not other for one, other in now):
        tell(bytes([_REPLACED]))


def _is_own(frame: FrameType | None) -> bool:
    """Say whether the notebook's code does it, and no library on its way to something else."""
    while frame is not None and frame.f_globals.get("__name__") in ("ctypes", "inspect"):
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") == _OWN


def _within(path: str, places: Sequence[str]) -> bool:
    """Say whether a path is one of these places or lies in one."""
    return any(path == p or path.startswith(p.rstrip("/") + "/") for p in places if p != "/")
