"""Where a submission runs: a sandbox with no network, its own folder, bounded everything."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import shutil
import site
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import psutil

from cs826tl.assets import cache_dir
from cs826tl.grading import exchange
from cs826tl.grading.inside import PROCESSES, READY
from cs826tl.grading.processes import descendants, end_descendants

STARTING = 120.0  # seconds for the imports of a sandbox, on a machine that is busy
MEMORY = 8 * 2**30  # bytes, of all processes of a sandbox together
FILES = 256
SENDING = 10.0  # seconds for the other side to take some of what is sent
FAREWELL = 5.0  # seconds for a process to end that has nothing more to do
PIPE_ATOMIC = select.PIPE_BUF  # so much a pipe takes at once when it says it takes anything
WATCH = 0.25  # seconds between two looks at the memory
PACKAGE = Path(__file__).resolve().parents[1]
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc")


class NoSandbox(RuntimeError):
    """Nothing on this machine can confine code; the message says what would help."""


class TookTooLong(Exception):
    """The time for an answer is over."""


class Died(Exception):
    """The submission's process has ended, or said something that is no message."""


def backend(wanted: str = "") -> str:
    """Return how submissions are confined here, `bubblewrap` before `sandlock`; else `NoSandbox`.

    `wanted` asks for one of the two.
    """
    if (
        wanted != "sandlock"
        and shutil.which("bwrap")
        and _works(_bubblewrap(["true"], PACKAGE, []))
    ):
        return "bubblewrap"
    with contextlib.suppress(ImportError, OSError):
        import sandlock

        enough = sandlock.landlock_abi_version() >= sandlock.min_landlock_abi()
        if wanted != "bubblewrap" and enough:
            return "sandlock"
    raise NoSandbox(
        "nothing here can confine a student's code: install bubblewrap (apt install bubblewrap), "
        "or use Linux 6.12 or later with `pip install 'cs826tl[grade]'`; "
        "--unsandboxed grades without protection"
    )


class Sandbox:
    """A confined process that serves one submission after the other, each in a fresh fork.

    `how` is what `backend` returned, or `none`. `hidden` are folders that nobody inside may see.
    Whatever goes wrong ends the whole sandbox, and the next submission gets a new one.
    """

    def __init__(self, how: str, hidden: Sequence[Path]) -> None:
        self.how = how
        self._home = Path(tempfile.mkdtemp(prefix="grading-"))
        self._scratch, self._code = self._home / "work", self._home / "code"
        self._process: Any = None
        self._word = ""  # with which every message of a submission's process begins
        self.ready = False  # whether a fresh process is known to wait
        self._hidden = [path.resolve() for path in hidden]

    def begin(self) -> None:
        """Wait until a fresh process is ready for a submission, starting the sandbox if needed."""
        if self._process is not None:
            try:
                self._wait_until_ready(FAREWELL)
            except (TookTooLong, NoSandbox):
                self.end()
        if self._process is None:
            self._start()
            self._wait_until_ready(STARTING)
        while select.select([self._process.stdout], [], [], 0)[0]:
            if not os.read(self._process.stdout.fileno(), 2**16):
                raise Died
        self._word = secrets.token_hex(16)
        self.send(self._word)

    def _wait_until_ready(self, seconds: float) -> None:
        if self.ready:
            self.ready = False
            return
        said = b""
        while not said.endswith(READY):  # what stands before it are warnings of imports
            try:
                said += self._read_exactly(self._process.stderr, 1, seconds)
            except Died:
                reason = said.decode(errors="replace").strip()[-500:]
                raise NoSandbox(f"the sandbox does not start: {reason}") from None

    def send(self, value: object) -> None:
        """Send a frame; `Died` if nobody reads it, `TookTooLong` if it is not taken."""
        frame, stdin = memoryview(exchange.pack(value)), self._process.stdin
        while frame:
            if not select.select([], [stdin], [], SENDING)[1]:
                raise TookTooLong
            try:
                frame = frame[os.write(stdin.fileno(), frame[:PIPE_ATOMIC]) :]
            except OSError:
                raise Died from None

    def receive(self, seconds: float) -> Any:
        """Return the next frame's value, within so many seconds.

        Raises `TookTooLong`, `Died`, or `Refused` for what is no message.
        """
        end = time.monotonic() + seconds
        header = self._read_exactly(self._process.stdout, exchange.HEADER, seconds)
        rest = sum(exchange.sizes(header))
        body = self._read_exactly(self._process.stdout, rest, end - time.monotonic())
        match exchange.unpack(header + body):
            case [str() as word, value] if word == self._word:
                return value
        raise exchange.Refused("a message from somewhere else")

    def finish(self) -> None:
        """Tell the submission's process that there is nothing more to do."""
        self.send(None)

    def end(self) -> None:
        """End the sandbox with everything in it."""
        process, self._process, self.ready = self._process, None, False
        if process is not None:
            with contextlib.suppress(psutil.Error):
                end_descendants(psutil.Process(process.pid))
            with contextlib.suppress(Exception):
                process.kill()
            with contextlib.suppress(Exception):
                process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                with contextlib.suppress(OSError):
                    stream.close()
        shutil.rmtree(self._home, ignore_errors=True)

    def _start(self) -> None:
        self._scratch.mkdir(parents=True)
        self._code.mkdir()  # a way to the package, but to nothing that lies beside it
        (self._code / "cs826tl").symlink_to(PACKAGE)
        inner = Path("/tmp/work") if self.how == "bubblewrap" else self._scratch
        environment = _environment(inner, self._code)
        command = [sys.executable, "-P", "-m", "cs826tl.grading.inside", str(inner), self.how]
        if self.how == "sandlock":
            if seen := _in_sight(self._hidden):
                raise NoSandbox(f"{seen[0]} lies in a folder that submissions must read: move it")
            self._process = _sandlock(command, self._home, environment)
        else:
            if self.how == "bubblewrap":
                command = _bubblewrap(command, self._code, self._hidden)
            self._process = subprocess.Popen(
                command, env=environment, bufsize=0, start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
        threading.Thread(target=_watch, args=(self._process.pid,), daemon=True).start()

    def _read_exactly(self, stream: IO[bytes], number: int, seconds: float) -> bytes:
        end, parts = time.monotonic() + seconds, []
        sources = [stream, self._process.stderr]  # where the nursery says that a process has ended
        while number:
            readable = select.select(sources, [], [], max(end - time.monotonic(), 0))[0]
            if not readable:
                raise TookTooLong
            if stream not in readable:
                self.ready = os.read(self._process.stderr.fileno(), 1) == READY
                raise Died
            part = os.read(stream.fileno(), min(number, 2**20))
            if not part:
                raise Died
            parts.append(part)
            number -= len(part)
        return b"".join(parts)


def _readable() -> list[str]:
    """Return the folders with Python, its packages, the course's code and its data."""
    own = [Path(site.getusersitepackages())] if site.ENABLE_USER_SITE else []
    wanted = [Path(sys.prefix), Path(sys.base_prefix), *own, PACKAGE, cache_dir()]
    return [str(p) for p in dict.fromkeys(p.resolve() for p in wanted) if p.exists()]


def _environment(home: Path, code: Path) -> dict[str, str]:
    """Return the little that a submission is told of the machine."""
    own = {"HOME": str(home), "TMPDIR": str(home), "CS826TL_HOME": str(cache_dir())}
    quiet = {"MPLBACKEND": "Agg", "MPLCONFIGDIR": str(home), "TQDM_DISABLE": "1"}
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    python = {
        "PYTHONPATH": str(code),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONWARNINGS": "ignore",
    }
    return {"PATH": os.defpath, "LANG": "C.UTF-8", **own, **quiet, **threads, **python}


def _bubblewrap(command: Sequence[str], code: Path, hidden: Sequence[Path]) -> list[str]:
    """Return the command in namespaces of its own: no network, no other process, few folders."""
    system = [a for p in SYSTEM if os.path.exists(p) for a in ("--ro-bind", p, p)]
    readable = [a for p in _readable() for a in ("--ro-bind", p, p)]
    covered = [a for p in _in_sight(hidden) for a in ("--tmpfs", str(p))]
    return [
        "bwrap", "--unshare-all", "--unshare-user", "--die-with-parent", "--new-session",
        "--cap-drop", "ALL", *system, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
        *readable, "--ro-bind", str(code), str(code), *covered, "--remount-ro", "/dev",
        "--size", str(256 * 2**20), "--tmpfs", "/tmp/work",
        "--chdir", "/", "--", "/usr/bin/env", *command,
    ]  # fmt: skip


def _in_sight(hidden: Sequence[Path]) -> list[Path]:
    """Return those of the hidden folders that lie in one that a sandbox has to read."""
    readable = [Path(p).resolve() for p in (*SYSTEM, *_readable())]
    return [p for p in hidden if any(p.is_relative_to(folder) for folder in readable)]


def _sandlock(command: Sequence[str], home: Path, environment: dict[str, str]) -> Any:
    """Start the command confined by Landlock and seccomp."""
    import sandlock

    devices = ["/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"]
    readable = [
        *(p for p in SYSTEM if os.path.exists(p)),
        *_readable(),
        "/proc",
        str(home),
        *devices,
    ]
    box = sandlock.Sandbox(
        fs_readable=readable,
        fs_writable=[str(home / "work"), "/dev/null"],
        max_processes=PROCESSES, max_open_files=FILES,
        clean_env=True, env=environment,
    )  # fmt: skip
    piped = sandlock.StdioMode.PIPED
    return box.popen(command, stdin=piped, stdout=piped, stderr=piped)


def _works(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _watch(pid: int) -> None:
    """Kill the sandbox whose processes together take too much memory, or are too many."""
    with contextlib.suppress(psutil.Error):
        sandbox = psutil.Process(pid)
        while sandbox.is_running():
            inside = descendants(sandbox)
            if len(inside) > PROCESSES + 4 or _memory(inside) > MEMORY:
                end_descendants(sandbox)
                sandbox.kill()
            time.sleep(WATCH)


def _memory(processes: Sequence[psutil.Process]) -> int:
    used = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            used += process.memory_info().rss
    return used
