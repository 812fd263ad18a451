"""Which word moved a text classifier, as a bar for each word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from cs826tl.plots.style import BLUE, LINES, axes_or_new

LEAST = 0.05  # so that tiny effects look tiny


def plot_effects(
    effects: Sequence[tuple[str, float]],
    ax: Axes | None = None,
    *,
    label: str = "raises the probability of positive by",
) -> Axes:
    """Draw one bar per word, in the order of the text: up, or hatched and down.

    `effects` is what `word_effects` returns; `label` says what a bar's height is. The axes are
    `ax`, or those of a new figure.

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


def plot_effect_rows(
    effects: Mapping[str, Sequence[tuple[str, float]]], ax: Axes | None = None
) -> Axes:
    """Draw one row of bars per model, for the same words; they are named under the last row.

    >>> ax = plot_effect_rows({"counts": [("bad", -0.3)], "codes": [("bad", -0.1)]})
    >>> [row.get_title() for row in ax.child_axes]
    ['counts: what each word adds to positive', 'codes: what each word adds to positive']
    """
    ax = axes_or_new(ax, width=8)
    ax.set_axis_off()
    for k, (name, words) in enumerate(effects.items()):
        row = ax.inset_axes((0, 1 - (k + 1) / len(effects), 1, 0.72 / len(effects)))
        plot_effects(words, row, label="")
        row.set_title(f"{name}: what each word adds to positive", fontsize="medium")
        if k < len(effects) - 1:
            row.set_xticklabels([])
    return ax
