"""The instant check of lecture 12's exercise: the threshold with the fewest mistakes [C17]."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

LABELS = np.array([0, 0, 0, 1, 0, 0, 1, 1])
SCORES = np.array([-3.0, -2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 2.0])
FEWEST = 1  # mistakes, with a threshold above 0.5 and up to 1


def check_threshold(yours: Callable[[NDArray[Any], NDArray[Any]], float]) -> str:
    """Say whether `yours(labels, scores)` returns a threshold with as few mistakes as can be.

    A score at the threshold or above it is called 1.

    >>> check_threshold(lambda labels, scores: 0.0)
    'Not yet: at 0 there are 2 mistakes on the labelled examples, and 1 would do.'
    >>> check_threshold(
    ...     lambda labels, scores: min(scores, key=lambda t: sum((scores >= t) != labels))
    ... ).partition(":")[0]
    'Right'
    """
    said = yours(LABELS.copy(), SCORES.copy())
    if not isinstance(said, (int, float, np.floating, np.integer)):
        return f"Not yet: it returns {said!r}, and should return one number, the threshold."
    mistakes = int(np.sum((said <= SCORES) != LABELS))
    if mistakes > FEWEST:
        return (
            f"Not yet: at {said:g} there are {mistakes} mistakes on the labelled examples, and "
            f"{FEWEST} would do."
        )
    other = yours(LABELS, SCORES + 5)
    if int(np.sum((other <= SCORES + 5) != LABELS)) > FEWEST:
        return "Not yet: it fails when all scores are 5 higher. Choose it from the scores."
    return "Right: of all thresholds that the scores offer, it makes the fewest mistakes."
