"""Pictures of a made-up script: ten digits that no data set holds, so no label can be looked up.

Real digits would be recognised: `load_digits` knows every one of its rows, and its label. Here the
shapes themselves are drawn under the generator of a case, which only the grader has.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

SIDE, CLASSES, INK = 8, 10, 16
Array = np.ndarray[Any, Any]


class Script:
    """Ten digits of 8 × 8 pixels; each picture of one is written a little differently.

    >>> script = Script(np.random.default_rng(0))
    >>> pictures = script.write(np.array([3, 1, 4]))
    >>> pictures.shape, bool(0 <= pictures.min() and pictures.max() <= 16)
    ((3, 64), True)
    """

    def __init__(self, rng: np.random.Generator, spread: float = 0.6) -> None:
        """Draw the shapes; `spread` is how much writers differ, beside how much digits do."""
        self._rng, self._spread = rng, spread
        self.shapes = self._fields(CLASSES)

    def digits(self, count: int) -> Array:
        """Return `count` labels, all ten as often as the number allows, in any order."""
        return self._rng.permutation(np.arange(count) % CLASSES)

    def write(self, labels: Array) -> Array:
        """Return one row of 64 whole numbers from 0 to 16 for each label."""
        fields = self.shapes[labels] + self._spread * self._fields(len(labels))
        ink = np.clip(np.round(6 * fields + 2), 0, INK) + 0.0
        ink[:, :, 0] = 0  # the left column stays blank
        return ink.reshape(len(labels), -1)

    def relative(self, likeness: float) -> Script:
        """Return a script of shapes like these, none of which is the same digit in both.

        >>> script = Script(np.random.default_rng(0))
        >>> shapes = script.relative(0.95).shapes.reshape(10, -1)
        >>> alike = np.corrcoef(script.shapes.reshape(10, -1), shapes)[:10, 10:]
        >>> bool((alike.max(axis=1) > 0.9).all()), bool(alike.trace() < 5)
        (True, True)
        """
        other = Script(self._rng, self._spread)
        order = self._rng.permutation(CLASSES)
        other.shapes *= np.sqrt(1 - likeness**2)
        other.shapes[order] += likeness * self.shapes[np.roll(order, 1)]
        return other

    def _fields(self, count: int) -> Array:
        """Return smooth random fields of spread 1."""
        noise = self._rng.normal(size=(count, SIDE, SIDE))
        smooth = gaussian_filter(noise, (0, 1.0, 1.0), mode="constant")
        fields: Array = smooth / smooth.std()
        return fields


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
