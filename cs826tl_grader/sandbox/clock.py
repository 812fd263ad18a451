"""How long a process took: the seconds in which it ran or slept.

Those in which it waited for a processor are not its own, so a verdict does not depend on what else
the machine does meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

STRETCH = 10  # how many times longer it may take on a busy machine, at most


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
