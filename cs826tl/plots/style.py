"""Colours, markers and axes that all pictures share."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

BLUE, YELLOW, GREEN = "#56B4E9", "#F0E442", "#009E73"
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#000000")
MARKERS = "osD^vX"
STYLES = ("-", "--", ":", "-.")


def axes_or_new(ax: Axes | None, width: float = 7, height: float = 3.6) -> Axes:
    """Return `ax`, or without one the axes of a new figure, its size in inches."""
    if ax is not None:
        return ax
    figure = plt.figure(figsize=(width, height), layout="constrained")
    return figure.add_subplot()


def apart(heights: np.ndarray, least: float) -> np.ndarray:
    """Return places for labels as near to their heights as they can be without touching.

    >>> apart(np.array([0.5, 0.52, 0.9]), 0.1).round(2).tolist()
    [0.46, 0.56, 0.9]
    """
    from sklearn.isotonic import IsotonicRegression  # takes a second

    order, steps = np.argsort(heights), least * np.arange(len(heights))
    places = IsotonicRegression().fit_transform(steps, heights[order] - steps) + steps
    return np.take(places, np.argsort(order))
