"""Inside the sandbox: one process that has everything imported, a fresh fork for each submission.

The first process, the *nursery*, never runs a student's code. It forks a child, says on its
standard error that the child waits, and when the child has ended, kills what the child left behind
and empties the working folder. Only the nursery holds that standard error, so no submission can
say in its place that all is well. The child talks to the grader through standard input and output,
in frames (`exchange`): first where the answers stand, found before any of the student's code has
run, then that the cells have run, then one answer to every call.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import ctypes
import importlib
import os
import resource
import select
import shutil
import signal
import sys
import time
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from cs826tl.grading.answers import Answer, find_code, find_text
from cs826tl.grading.exchange import HEADER, pack, sizes, unpack
from cs826tl.grading.notebook import Cell, statements

CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")  # nobody forks but the main thread
READY = b"\x06"  # ASCII's ACK: no warning contains it
PRELOADED = ("torch", "numpy", "pandas", "sklearn.linear_model", "matplotlib.pyplot", "timm")
COURSE = ("backbones", "freezing", "training", "forgetting", "plots", "tasks")
MEMORY = 3 * 2**30  # bytes that a submission may add to what the nursery has
PROCESSES = 24  # of a submission together
LARGEST_FILE = 64 * 2**20
OVER = 3  # a child's exit status where there is no more to do


def main(scratch: Path, how: str) -> None:
    """Serve submissions until standard input ends, in the sandbox that `how` names."""
    for name in (*PRELOADED, *(f"cs826tl.{module}" for module in COURSE)):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    _keep_out(how)
    status = 0
    while os.waitstatus_to_exitcode(status) != OVER:
        _drain(0)
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException):
                os._exit(_serve(scratch, how))
            os._exit(1)
        os.write(2, READY)
        _, status = os.waitpid(child, 0)
        _end_children()
        _empty(scratch)


def _keep_out(how: str) -> None:
    """Let no child look into this process, and let its orphans become our children."""
    libc = ctypes.CDLL(None)
    pr_set_dumpable, pr_set_child_subreaper = 4, 36
    if how == "bubblewrap" and libc.prctl(pr_set_dumpable, 0, 0, 0, 0):
        raise OSError("the sandbox's first process cannot be shielded from the others")
    if how != "none" and libc.prctl(pr_set_child_subreaper, 1, 0, 0, 0):
        raise OSError("the sandbox cannot keep track of the processes in it")


def _drain(descriptor: int) -> None:
    """Throw away what the last submission left unread."""
    while select.select([descriptor], [], [], 0)[0]:
        if not os.read(descriptor, 2**16):
            return


def _end_children() -> None:
    """Kill until there is none left; the children of those that die become our own."""
    while True:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not (left := _children()):
            return
        for blow in (signal.SIGSTOP, signal.SIGKILL):
            for child in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, blow)
        time.sleep(0.002)


def _children() -> list[int]:
    """Return our children, which a sandbox may hide from every other way of asking."""
    try:
        return [int(word) for word in CHILDREN.read_text().split()]
    except OSError:
        return [child.pid for child in psutil.Process().children()]


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                entry.unlink()


# In the child


def _serve(scratch: Path, how: str) -> int:
    """Find the answers, run the cells, answer the calls; return the exit status."""
    channel = _Channel()
    job = channel.read()
    if job is None:
        return OVER
    _settle(scratch, how)
    cells = [Cell(**cell) for cell in job["cells"]]
    channel.write(_locate(cells, job["questions"]))
    namespace = _namespace()
    for cell in cells:
        if cell.kind == "code":
            _run(cell.source, namespace, job["only_definitions"])
    channel.write("ran")
    while (call := channel.read()) is not None:
        channel.write(_answer(namespace, call))
    return 0


class _Channel:
    """Frames to and from the grader; what a submission prints goes nowhere."""

    def __init__(self) -> None:
        self._in, self._out = os.dup(0), os.dup(1)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        self._word = self.read()  # which nobody knows who is left from another submission

    def read(self) -> Any:
        header = self._exactly(HEADER)
        return unpack(header + self._exactly(sum(sizes(header)))) if header else None

    def write(self, value: object) -> None:
        frame = memoryview(pack([self._word, value]))
        while frame:
            frame = frame[os.write(self._out, frame) :]

    def _exactly(self, number: int) -> bytes:
        parts = []
        while number and (part := os.read(self._in, min(number, 2**20))):
            parts.append(part)
            number -= len(part)
        return b"".join(parts)


def _settle(scratch: Path, how: str) -> None:
    """Take an empty working folder, and limits that nothing below can lift again."""
    os.setsid()
    os.chdir(scratch)
    size = psutil.Process().memory_info().vms
    for limit, value in (
        (resource.RLIMIT_AS, size + MEMORY),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, PROCESSES if how == "bubblewrap" else resource.RLIM_INFINITY),
    ):
        hard = resource.getrlimit(limit)[1]
        value = hard if value == resource.RLIM_INFINITY else value
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    if how == "sandlock":
        import sandlock

        # a domain of its own: it can neither signal nor look into the nursery
        sandlock.confine(sandlock.Sandbox(fs_readable=["/"], fs_writable=[str(scratch)]))


def _locate(cells: Sequence[Cell], questions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for question in questions:
        find = find_text if question["written"] else find_code
        answer: Answer = find(question["name"], cells, question["given"])
        found[question["name"]] = vars(answer)
    return found


def _namespace() -> dict[str, Any]:
    """Return the globals of a fresh `__main__`, in which dataclasses find themselves."""
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    space = module.__dict__
    shell = _Shell()
    space.update(display=lambda *_, **__: None, get_ipython=lambda: shell)
    builtins.input = _no_input
    return space


def _no_input(*_: object) -> str:
    raise EOFError("nobody is there to type")


class _Shell:
    """Stands in for IPython: magics and `!` do nothing."""

    def getoutput(self, *_: object) -> list[str]:
        return []

    def __getattr__(self, _: str) -> Any:
        return lambda *_, **__: None


def _run(source: str, namespace: dict[str, Any], only_definitions: bool) -> None:
    """Run a cell statement by statement, so that one that raises takes no other with it."""
    for statement in statements(source):
        if only_definitions and not _defines(statement):
            continue
        with contextlib.suppress(BaseException):
            code = compile(ast.Module([statement], []), "<submission>", "exec")
            exec(code, namespace)  # the reason for the sandbox


def _defines(statement: ast.stmt) -> bool:
    """Say whether a statement brings in a name and computes nothing to speak of."""
    definitions = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
    if isinstance(statement, ast.Assign):
        return not any(isinstance(node, ast.Call) for node in ast.walk(statement.value))
    return isinstance(statement, definitions)


def _answer(namespace: dict[str, Any], call: dict[str, Any]) -> dict[str, Any]:
    """Return the value of a name, or what its function returns for the arguments."""
    try:
        value = namespace[call["name"]]
        return {"value": value if call["arguments"] is None else value(*call["arguments"])}
    except BaseException as problem:
        known = getattr(builtins, type(problem).__name__, None) is type(problem)
        return {"raised": type(problem).__name__ if known else "an exception of its own"}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
