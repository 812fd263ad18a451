"""Estimates with their intervals, one row each."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes

from cs826tl.plots.style import LINES, axes_or_new


def plot_intervals(
    estimates: Mapping[str, tuple[float, float, float]],
    ax: Axes | None = None,
    *,
    label: str = "AUC",
    chance: float = 0.5,
) -> Axes:
    """Draw one row per estimate: a dot, and a line from its lower to its upper end.

    `estimates` holds `(value, low, high)` by name, as `shift_auc` returns it. `label` says of what;
    the dotted line is at `chance`. The axes are `ax`, or those of a new figure.

    >>> ax = plot_intervals({"halves": (0.51, 0.48, 0.54), "shops": (0.97, 0.96, 0.98)})
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['halves', 'shops']
    """
    ax = axes_or_new(ax, height=0.4 * len(estimates) + 1)
    for k, (value, low, high) in enumerate(estimates.values()):
        ax.plot([low, high], [k, k], "|-", color="black", linewidth=1.5, markersize=9)
        ax.plot(value, k, "o", color=LINES[0], markeredgecolor="white", markersize=8)
    ax.axvline(chance, color="black", linestyle=":", linewidth=1)
    ax.set_yticks(range(len(estimates)), estimates.keys())
    ax.set_ylim(len(estimates) - 0.5, -0.5)
    ax.set_xlabel(label)
    return ax
