"""One progress bar for the whole course, and notices that are shown once."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Any

from tqdm.auto import tqdm


def progress_bar(
    description: str, *, unit: str, total: float | None = None, show: bool = True
) -> tqdm[Any]:
    """Return a tqdm bar that appears after a second and leaves nothing behind.

    Avoids bars in stored outputs, which differ in every run: in a notebook, tqdm itself ignores
    `TQDM_DISABLE`.

    >>> with progress_bar("counting", unit=" sheep", total=2, show=False) as bar:
    ...     _ = bar.update(1)
    """
    hidden = not show or bars_are_off()
    return tqdm(desc=description, unit=unit, total=total, delay=1, leave=False, disable=hidden)


@cache
def say_once(notice: str) -> None:
    """Print a notice to standard error, in one line, the first time that it is given."""
    print(notice, file=sys.stderr, flush=True)  # tqdm.write would show bars before their time


def bars_are_off() -> bool:
    """Say whether `TQDM_DISABLE` asks for no bars at all."""
    return os.environ.get("TQDM_DISABLE", "0") not in ("", "0")
