"""Questions for a talk on what an answer reached, with the answer worked out."""

from __future__ import annotations

from typing import Any

import numpy as np


def ask_how_sure(name: str, got: Any, truth: Any, classes: int) -> tuple[str, str]:
    """Return a question on a share of right labels; `ValueError` where there is not one for each.

    >>> ask_how_sure("read_off", [0, 1, 1, 1], np.array([0, 1, 1, 0]), 2)[1]
    '50 % by guessing; about ±43 points, two standard errors: 2·√(0.75·0.25/4)'
    """
    if np.shape(got) != np.shape(truth):
        raise ValueError("not one label for each")
    right, count = float((np.asarray(got) == truth).mean()), len(truth)
    luck = 2 * np.sqrt(right * (1 - right) / count)
    ask = (
        f"Your `{name}` gave {100 * right:.0f} % of {count} new examples of {classes} classes the "
        "right label. What would guessing reach? How far may your number be off by luck alone?"
    )
    how = f"2·√({right:.2f}·{1 - right:.2f}/{count})"
    return ask, (
        f"{100 / classes:.0f} % by guessing; about ±{100 * luck:.0f} points, "
        f"two standard errors: {how}"
    )


__all__ = ["ask_how_sure"]
