"""The way between the grader and one submission: a socket of its own, with a deadline.

A pipe can be opened again by its name in `/proc/self/fd`: a submission could read its own answer
back after the grader was told of it and before the grader read it, and the grader would wait for
ever. A socket cannot be opened again, no other submission holds this one, and nothing on it waits
past its deadline. Only waiting counts: what the grader does meanwhile is not the submission's time.
Nor are the seconds in which its process waits for a processor: a verdict does not depend on what
else the machine does.
"""

from __future__ import annotations

import contextlib
import math
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cs826tl_grader.plain import exchange

PART = 2**20  # bytes to read at once
STRETCH = 10  # how many times longer it may take on a busy machine, at most


class TookTooLong(Exception):
    """The time for an answer, or for the whole exchange, is over."""


class Died(Exception):
    """The other side has ended."""


class Channel:
    """Frames over a connected socket; after `seconds` of waiting everything on it is over."""

    def __init__(
        self, connection: socket.socket, seconds: float = math.inf, clock: Clock | None = None
    ) -> None:
        self._connection, self._seconds, self._clock = connection, seconds, clock or Clock()
        self.spent = 0.0  # seconds that the other side took so far

    def send(self, value: object, seconds: float = math.inf) -> None:
        """Send a frame. Raises `Died` if nobody reads it, `TookTooLong` if it is not taken."""
        frame, end = memoryview(exchange.pack(value)), self._begin(seconds)
        while frame:
            frame = frame[self._within(end, self._connection.send, frame[:PART]) or 0 :]
        self.spent = self._clock.read()

    def receive(self, seconds: float = math.inf) -> Any:
        """Return the next frame's value, within `seconds`.

        Raises `TookTooLong`, `Died`, or `Refused` for what is no message.
        """
        end = self._begin(seconds)
        header = self._exactly(exchange.HEADER, end)
        frame = header + self._exactly(sum(exchange.sizes(header)), end)
        self.spent = self._clock.read()
        return exchange.unpack(frame)

    def holds_more(self) -> bool:
        """Say whether something lies there already that nobody has asked for."""
        self._connection.settimeout(0)
        with contextlib.suppress(OSError):
            return bool(self._connection.recv(1, socket.MSG_PEEK))
        return False

    def close(self) -> None:
        """Hang up, which ends the submission's process."""
        self._connection.close()

    def _exactly(self, number: int, end: float) -> bytes:
        parts = []
        while number:
            part = self._within(end, self._connection.recv, min(number, PART))
            if part == b"":
                raise Died
            parts.append(part or b"")
            number -= len(parts[-1])
        return b"".join(parts)

    def _begin(self, seconds: float) -> float:
        self._clock.go_on()
        return self.spent + seconds

    def _within(self, end: float, call: Callable[[Any], Any], value: object) -> Any:
        """Return what a call of the socket's returns, or None where it has to be tried again.

        It waits until `end` at most, or until the whole exchange is over, as the clock sees it.
        """
        self.spent, end = self._clock.read(), min(end, self._seconds)
        if self.spent >= end:
            raise TookTooLong
        self._connection.settimeout(None if math.isinf(end) else end - self.spent)
        try:
            return call(value)
        except TimeoutError:
            return None
        except OSError:
            raise Died from None


class Clock:
    """Counts the seconds of a process, this one or another; `go_on` leaves out those up to now.

    While it waits for processors that its own kind have, it is not waiting for others: `worked`
    says how many seconds of processors all processes of its sandbox have had.
    """

    def __init__(
        self, process: int | str = "self", worked: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._waits, self._worked = Path(f"/proc/{process}/schedstat"), worked
        self._seconds = 0.0
        self.go_on()

    def go_on(self) -> None:
        """Count from now on."""
        self._last = time.monotonic(), self._waited(), self._worked()

    def read(self) -> float:
        """Return the seconds so far."""
        then = self._last
        self.go_on()
        wall, waited, worked = (now - before for now, before in zip(self._last, then, strict=True))
        self._seconds += max(wall - max(waited, 0), min(worked, wall), wall / STRETCH)
        return self._seconds

    def _waited(self) -> float:
        try:
            return int(self._waits.read_text().split()[1]) / 1e9
        except (OSError, IndexError):  # it has ended, or this kernel does not count
            return 0.0
