"""One progress bar for the whole course: in a terminal, in a notebook, or not at all."""

from __future__ import annotations

import os
from typing import Any

from tqdm.auto import tqdm


def progress_bar(
    description: str, *, unit: str, total: float | None = None, show: bool = True
) -> tqdm[Any]:
    """Return a tqdm bar that appears after a second and leaves nothing behind.

    The pitfall it takes away: in a notebook tqdm does not heed `TQDM_DISABLE`, and a bar in a
    stored output differs in every run.

    >>> with progress_bar("counting", unit=" sheep", total=2, show=False) as bar:
    ...     _ = bar.update(1)
    """
    hidden = not show or os.environ.get("TQDM_DISABLE", "0") not in ("", "0")
    return tqdm(desc=description, unit=unit, total=total, delay=1, leave=False, disable=hidden)
