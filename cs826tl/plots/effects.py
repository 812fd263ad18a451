"""Which word moved a text classifier, as a bar for each word."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from cs826tl.plots.style import BLUE, LINES, axes_or_new

LEAST = 0.05  # so that tiny effects look tiny


def plot_effects(
    effects: Sequence[tuple[str, float]],
    ax: Axes | None = None,
    *,
    label: str = "raises the probability of positive by",
) -> Axes:
    """Draw a bar for each word, in the order of the text: up, or hatched and down.

    `effects` is what `word_effects` returns.

    >>> ax = plot_effects([("not", -0.3), ("bad", 0.1)])
    >>> [tick.get_text() for tick in ax.get_xticklabels()]
    ['not', 'bad']
    """
    ax = axes_or_new(ax, height=2.6)
    for k, (_, effect) in enumerate(effects):
        colour, hatch = (BLUE, "") if effect >= 0 else (LINES[1], "//")
        ax.bar(k, effect, color=colour, hatch=hatch, edgecolor="black")
    reach = 1.15 * max(LEAST, *(abs(effect) for _, effect in effects))
    ax.axhline(0, color="black")
    ax.set(ylim=(-reach, reach), ylabel=label)
    words = [word for word, _ in effects]
    ax.set_xticks(range(len(words)), words, rotation=45, ha="right", rotation_mode="anchor")
    return ax
