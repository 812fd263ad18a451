"""Where a submission runs: a sandbox with no network, its own folder, bounded everything."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import psutil

from cs826tl.grading.plain import exchange
from cs826tl.grading.sandbox import inside
from cs826tl.grading.sandbox.backends import NoSandbox, start
from cs826tl.grading.sandbox.processes import Watch, descendants, end_descendants, remove

STARTING = 300.0  # seconds for the imports of a sandbox, on a machine that is busy
SENDING = 10.0  # seconds for the other side to take some of what is sent
FAREWELL = 5.0  # seconds for a process to end that has nothing more to do
PIPE_ATOMIC = 4096  # so much a pipe takes at once when it says it takes anything


class TookTooLong(Exception):
    """The time for an answer is over."""


class Died(Exception):
    """The submission's process has ended, or said something that is no message."""


class Sandbox:
    """A confined process that serves one submission after the other, each in a fresh fork.

    `how` is what `backend` returned, or `none`. `hidden` are folders that nobody inside may see.
    What goes wrong ends the submission's process, and where that is not enough the whole sandbox:
    then the next submission gets a new one.
    """

    def __init__(self, how: str, hidden: Sequence[Path]) -> None:
        self._how = how
        self._home: Path | None = None
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
        self._watch.begin()
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
        while not said.endswith(inside.READY):  # what stands before it are warnings of imports
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

    def give_up(self) -> None:
        """End the submission's process; should the sandbox not get over it, the next one is new."""
        if self._process is not None and not self.ready:
            with contextlib.suppress(psutil.Error):
                self._nursery.send_signal(inside.GIVE_UP)

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
        if self._home is not None:
            remove(self._home)

    def _start(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="grading-"))
        self._process = start(self._how, self._home, inside.__name__, self._hidden)
        self._watch = Watch(self._process.pid)
        try:
            self._wait_until_ready(STARTING)
        except TookTooLong:
            raise NoSandbox(f"the sandbox does not start within {STARTING:.0f} seconds") from None
        *_, self._nursery, _ = self._family()  # the last one waits for a submission

    def _family(self) -> list[psutil.Process]:
        first = psutil.Process(self._process.pid)
        return [first, *descendants(first)]

    def _read_exactly(self, stream: IO[bytes], number: int, seconds: float) -> bytes:
        end, parts = time.monotonic() + seconds, []
        sources = [stream, self._process.stderr]  # where the nursery says that a process has ended
        while number:
            readable = select.select(sources, [], [], max(end - time.monotonic(), 0))[0]
            if not readable:
                raise TookTooLong
            if stream not in readable:
                self.ready = os.read(self._process.stderr.fileno(), 1) == inside.READY
                raise Died
            part = os.read(stream.fileno(), min(number, 2**20))
            if not part:
                raise Died
            parts.append(part)
            number -= len(part)
        return b"".join(parts)
