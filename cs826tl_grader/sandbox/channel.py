"""The way between the grader and one submission: a socket of its own, with a deadline.

A pipe can be opened again by its name in `/proc/self/fd`: a submission could read its own answer
back after the grader was told of it and before the grader read it, and the grader would wait for
ever. A socket cannot be opened again, no other submission holds this one, and nothing on it waits
past its deadline.
"""

from __future__ import annotations

import math
import socket
import time
from typing import Any

from cs826tl_grader.plain import exchange

PART = 2**20  # bytes to read at once


class TookTooLong(Exception):
    """The time for an answer, or for the whole exchange, is over."""


class Died(Exception):
    """The other side has ended."""


class Channel:
    """Frames over a connected socket; `until`, in monotonic seconds, everything on it is over."""

    def __init__(self, connection: socket.socket, until: float = math.inf) -> None:
        self._connection, self._until = connection, until

    def send(self, value: object, seconds: float = math.inf) -> None:
        """Send a frame. Raises `Died` if nobody reads it, `TookTooLong` if it is not taken."""
        try:
            self._limit(time.monotonic() + seconds)
            self._connection.sendall(exchange.pack(value))
        except TimeoutError:
            raise TookTooLong from None
        except OSError:
            raise Died from None

    def receive(self, seconds: float = math.inf) -> Any:
        """Return the next frame's value, within so many seconds.

        Raises `TookTooLong`, `Died`, or `Refused` for what is no message.
        """
        end = time.monotonic() + seconds
        header = self._exactly(exchange.HEADER, end)
        return exchange.unpack(header + self._exactly(sum(exchange.sizes(header)), end))

    def close(self) -> None:
        """Hang up, which ends the submission's process."""
        self._connection.close()

    def _exactly(self, number: int, end: float) -> bytes:
        parts = []
        while number:
            self._limit(end)
            try:
                part = self._connection.recv(min(number, PART))
            except TimeoutError:
                raise TookTooLong from None
            except OSError:
                raise Died from None
            if not part:
                raise Died
            parts.append(part)
            number -= len(part)
        return b"".join(parts)

    def _limit(self, end: float) -> None:
        """Let the socket wait until `end` at most, or until the whole exchange is over."""
        end = min(end, self._until)
        left = end - time.monotonic()
        if left <= 0:
            raise TookTooLong
        self._connection.settimeout(None if math.isinf(end) else left)
