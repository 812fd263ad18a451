"""Where a submission runs: a sandbox with no network, its own folder, bounded everything."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from cs826tl_grader.sandbox import inside
from cs826tl_grader.sandbox.backends import NoSandbox, start
from cs826tl_grader.sandbox.channel import STRETCH, Channel, Clock, Died
from cs826tl_grader.sandbox.processes import end_descendants, remove, removed_with_us
from cs826tl_grader.sandbox.watch import Watch

STARTING = 300.0  # seconds for the imports of a sandbox, on a busy machine
SENDING = 10.0  # seconds for a submission's process to take what is sent
FAREWELL = 15.0  # seconds to end a submission's process and have the next one ready
PAUSES = (1.0, 5.0)  # seconds between attempts to start a sandbox that started before
GRACE = 15.0  # seconds after the end of a wait, when the watch ends it from outside


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
        self._denied: set[str] = set()
        self.worked = False  # it has started at least once, so that it can

    def begin(self, seconds: float) -> None:
        """Open a channel to a fresh process, and start the sandbox if need be.

        After `seconds` the exchange is over, whatever it has come to.
        """
        self.finish()
        if self._process is None:
            self._start_patiently()
        ours, theirs = socket.socketpair()
        self._channel = Channel(ours, seconds, Clock(self._child, lambda: self._watch.worked))
        try:
            with theirs:
                socket.send_fds(self._control, [b"."], [theirs.fileno()])
        except OSError:
            raise Died from None

    def send(self, value: object) -> None:
        """Send a frame; `Died` if nobody reads it, `TookTooLong` if it is not taken."""
        with self._watch.for_seconds(STRETCH * SENDING + GRACE):
            self._open_channel.send(value, SENDING)

    def receive(self, seconds: float) -> Any:
        """Return the next frame's value, within `seconds`.

        Raises `TookTooLong`, `Died`, or `Refused` for what is no message.
        """
        with self._watch.for_seconds(STRETCH * seconds + GRACE):
            return self._open_channel.receive(seconds)

    @property
    def spent(self) -> float:
        """The seconds that this submission's process has taken so far, not those of the grader."""
        return self._open_channel.spent

    def holds_more(self) -> bool:
        """Say whether the process sent more than it was asked for."""
        return self._open_channel.holds_more()

    def finish(self) -> None:
        """End the submission's process, and note what its sandbox denied it."""
        if self._channel is None:
            return
        self._channel.close()
        self._channel = None
        try:
            self._wait_until_ready(FAREWELL)
        except OSError:
            self.end()

    def denied(self) -> str:
        """Say what submissions were denied, or did, since this was last asked; then forget."""
        said, self._denied = self._denied, set()
        return "; ".join(sorted(said))

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
            self._process, self._on_disk = started
            theirs.close()
            self._watch = Watch(self._process.pid, self._on_disk)
            try:
                self._wait_until_ready(STARTING)
                self.worked = True
            except OSError as problem:
                self.end()
                complaints.seek(0)
                reason = complaints.read().decode(errors="replace").strip()[-500:]
                raise NoSandbox(f"the sandbox does not start: {reason or problem}") from None

    def _wait_until_ready(self, seconds: float) -> None:
        """Wait for a fresh process, and note what the last one was denied."""
        self._control.settimeout(seconds)
        said, descriptors, _, _ = socket.recv_fds(self._control, 2**16, 1)
        if not said.endswith(b"\n"):
            raise ConnectionError("its first process has ended")
        remove(*(self._on_disk.glob("left-*") if self._on_disk else ()))
        self._denied |= {*filter(None, said.decode().strip().split("; "))}
        for descriptor in descriptors:  # of the fresh process, which has another number inside
            lines = Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines()
            self._child = int(next(line for line in lines if line.startswith("Pid:")).split()[1])
            os.close(descriptor)
