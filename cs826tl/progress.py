"""One progress bar for the whole course, and notices that are shown once."""

from __future__ import annotations

import os
import sys
import time
from functools import cache
from typing import Any, Self

from tqdm.auto import tqdm

DELAY = 1.0  # seconds of work before a bar is worth looking at


def progress_bar(
    description: str, *, unit: str, total: int | None = None, show: bool = True
) -> LateBar:
    """Return a tqdm bar that appears after a second and leaves nothing behind.

    Avoids bars in stored outputs, which differ in every run: in a notebook, tqdm itself ignores
    `TQDM_DISABLE`.

    >>> with progress_bar("counting", unit=" sheep", total=2, show=False) as bar:
    ...     bar.update(1)
    """
    return LateBar(description, unit, total, show and not bars_are_off())


class LateBar:
    """A tqdm bar that is made only once the work has taken a second.

    tqdm's own `delay` hides a bar for that time, but has made its eleven widgets by then: a
    notebook that trains a hundred small models would leave a thousand of them in the browser.
    """

    def __init__(self, description: str, unit: str, total: int | None, show: bool) -> None:
        self.description, self.unit, self.total = description, unit, total
        self._due = time.monotonic() + DELAY if show else float("inf")
        self._done = 0
        self._bar: tqdm[Any] | None = None

    def update(self, number: int) -> None:
        """Count `number` more."""
        self._done += number
        if self._bar is not None:
            self._bar.update(number)
        elif time.monotonic() >= self._due:
            how: dict[str, Any] = {"unit": self.unit, "total": self.total, "leave": False}
            self._bar = tqdm(desc=self.description, initial=self._done, **how)

    def describe(self, description: str) -> None:
        """Say what is being done; it shows from the next update on."""
        self.description = description
        if self._bar is not None:
            self._bar.set_description(description, refresh=False)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
        self._bar, self._due = None, float("inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


@cache
def say_once(notice: str) -> None:
    """Print a notice to standard error, in one line, the first time that it is given."""
    print(notice, file=sys.stderr, flush=True)  # tqdm.write would show bars before their time


def bars_are_off() -> bool:
    """Say whether `TQDM_DISABLE` asks for no bars at all."""
    return os.environ.get("TQDM_DISABLE", "0") not in ("", "0")
