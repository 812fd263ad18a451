"""Where a submission runs: a sandbox with no network, its own folder, bounded everything."""

from __future__ import annotations

import contextlib
import math
import socket
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from cs826tl_grader.sandbox import inside, tried
from cs826tl_grader.sandbox.backends import NoSandbox, start
from cs826tl_grader.sandbox.channel import Channel, Died
from cs826tl_grader.sandbox.processes import end_descendants, remove, removed_with_us
from cs826tl_grader.sandbox.watch import Watch

STARTING = 300.0  # seconds for the imports of a sandbox, on a busy machine
SENDING = 10.0  # seconds for a submission's process to take what is sent
FAREWELL = 15.0  # seconds to end a submission's process and have the next one ready
PAUSES = (1.0, 5.0)  # seconds between attempts to start a sandbox that started before
GRACE = 15.0  # seconds after the end of an exchange, when the watch ends it from outside


class Sandbox:
    """A confined process that serves one submission after the other, each in a fresh fork.

    `how` is what `backend` returned, or `none`. Nothing inside can see the folders `hidden`. Where
    a submission's process cannot be ended, the whole sandbox is, and the next submission gets a new
    one.
    """

    def __init__(self, how: str, hidden: Sequence[Path]) -> None:
        self._how = how
        self._hidden = [path.resolve() for path in hidden]
        self._process: Any = None
        self._home: Path | None = None
        self._channel: Channel | None = None
        self._tried = [0] * len(tried.KINDS)
        self.worked = False  # it has started at least once, so that it can

    def begin(self, seconds: float) -> None:
        """Open a channel to a fresh process, and start the sandbox if need be.

        After so many seconds the exchange is over, whatever it has come to.
        """
        self.finish()
        if self._process is None:
            self._start_patiently()
        ours, theirs = socket.socketpair()
        self._channel = Channel(ours, time.monotonic() + seconds)
        self._watch.begin(seconds + GRACE)
        try:
            with theirs:
                socket.send_fds(self._control, [b"."], [theirs.fileno()])
        except OSError:
            raise Died from None

    def send(self, value: object) -> None:
        """Send a frame; `Died` if nobody reads it, `TookTooLong` if it is not taken."""
        self._open_channel.send(value, SENDING)

    def receive(self, seconds: float) -> Any:
        """Return the next frame's value, within so many seconds.

        Raises `TookTooLong`, `Died`, or `Refused` for what is no message.
        """
        return self._open_channel.receive(seconds)

    def finish(self) -> None:
        """End the submission's process, and note what its sandbox denied it."""
        if self._channel is None:
            return
        self._channel.close()
        self._channel = None
        self._watch.begin(math.inf)
        try:
            found = self._wait_until_ready(FAREWELL)
        except OSError:
            self.end()
        else:
            self._tried = [max(pair) for pair in zip(self._tried, found, strict=True)]

    def denied(self) -> str:
        """Say what was denied since this was last asked, the most of any one process; then forget.

        A submission runs again after it hung: that is no second try.
        """
        said, self._tried = tried.in_words(self._tried), [0] * len(tried.KINDS)
        return said

    def end(self) -> None:
        """End the sandbox with everything in it."""
        process, self._process, self._channel = self._process, None, None
        if process is not None:
            with contextlib.suppress(psutil.Error):
                end_descendants(psutil.Process(process.pid))
            process.kill()
            process.wait()
            self._control.close()
        if self._home is not None:
            remove(self._home)
            self._removal.close()

    @property
    def _open_channel(self) -> Channel:
        if self._channel is None:
            raise Died
        return self._channel

    def _start_patiently(self) -> None:
        """Start; where it started before, the machine may only be short of memory for a moment."""
        for pause in PAUSES if self._home else ():
            with contextlib.suppress(NoSandbox):
                return self._start()
            time.sleep(pause)
        return self._start()

    def _start(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="grading-"))
        self._removal = removed_with_us(self._home)
        self._control, theirs = socket.socketpair()
        with theirs, tempfile.TemporaryFile() as complaints:
            started = start(
                self._how, self._home, inside.__name__, self._hidden, theirs, complaints
            )
            self._process, on_disk = started
            theirs.close()
            self._watch = Watch(self._process.pid, on_disk)
            try:
                self._wait_until_ready(STARTING)
                self.worked = True
            except OSError as problem:
                self.end()
                complaints.seek(0)
                reason = complaints.read().decode(errors="replace").strip()[-500:]
                raise NoSandbox(f"the sandbox does not start: {reason or problem}") from None

    def _wait_until_ready(self, seconds: float) -> list[int]:
        """Wait for a fresh process; return what the last one was denied, as the nursery counted."""
        self._control.settimeout(seconds)
        counts = list(self._control.recv(len(tried.KINDS)))
        if len(counts) != len(tried.KINDS):
            raise ConnectionError("its first process has ended")
        return counts
