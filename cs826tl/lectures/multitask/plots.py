"""How tasks pull on the trunk they share, what each takes of its code, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from cs826tl.plots.style import LINES, axes_or_new


def plot_gains(runs: Mapping[str, tuple[float, float]], ax: Axes | None = None) -> Axes:
    """Draw a named point for each run: its gain in accuracy against the cosine of the gradients.

    `runs` holds, for each name, the cosine and the gain [C04].

    >>> ax = plot_gains({"loop": (0.3, 0.05), "coin": (0.0, -0.1)})
    >>> [text.get_text() for text in ax.texts][-2:]
    ['loop', 'coin']
    """
    ax = axes_or_new(ax)
    ax.axhline(0, color="black", linewidth=0.8)
    ax.axvline(0, color="black", linewidth=0.8)
    for x, side, words in ((0.02, "left", "← they conflict"), (0.98, "right", "same way →")):
        ax.text(x, 0.03, words, ha=side, transform=ax.transAxes, color="#595959", fontsize=9)
    for name, (cosine, gain) in runs.items():
        ax.plot(cosine, gain, "o", color=LINES[0])
        ax.annotate(name, (cosine, gain), (5, 5), textcoords="offset points")
    cosines, gains = zip((-0.4, -0.2), (0.6, 0.2), *runs.values(), strict=True)
    ax.set(xlim=(min(cosines) - 0.05, max(cosines) + 0.05))
    ax.set(ylim=(min(gains) - 0.05, max(gains) + 0.05))
    ax.set(xlabel="cosine of the tasks' gradients", ylabel="accuracy gained together")
    return ax


PULLS = {
    "they agree": ((2.0, 0.9), (2.0, -0.3)),
    "each goes its own way": ((0.0, 1.6), (1.8, 0.0)),
    "they conflict": ((2.0, 0.7), (-1.5, 0.5)),
}


def plot_pulls() -> Axes:
    """Draw two tasks' pulls and their sum, where they agree, are at right angles, or conflict.

    Returns the first panel's axes [C04].

    >>> plot_pulls().get_title()
    'they agree'
    """
    _, axes = plt.subplots(1, len(PULLS), figsize=(9, 2.6), layout="constrained")
    for ax, (title, (one, two)) in zip(axes, PULLS.items(), strict=True):
        ax.set(title=title, xlim=(-2.2, 4.4), ylim=(-1.2, 2.6), aspect="equal")
        ax.set_axis_off()
        both = (one[0] + two[0], one[1] + two[1])
        arrows = (("task 1", one, LINES[0], 2), ("task 2", two, LINES[1], 2), ("sum", both, "k", 4))
        for name, (x, y), colour, width in arrows:
            arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": width, "mutation_scale": 16}
            ax.annotate("", (x, y), (0, 0), arrowprops={**arrow, "shrinkA": 0, "shrinkB": 0})
            ax.annotate(
                name, (x, y), (0, 11 if y > 0 else -11), textcoords="offset points",
                color=colour, ha="center", va="center", fontsize=12,
            )  # fmt: skip
    first: Axes = axes[0]
    return first


def plot_code(shares: Mapping[str, Sequence[float]], names: Sequence[str]) -> Axes:
    """Draw how much of a code's spread goes with what: a bar cut into pieces for each way.

    `shares` holds percentages by way, one for each of `names`; the rest goes with neither [C04].

    >>> ax = plot_code({"alone": (60.0, 1.0)}, ("digit", "pen"))
    >>> [text.get_text() for text in ax.texts]
    ['digit 60', 'pen 1', 'neither']
    """
    ax = axes_or_new(None, width=9, height=0.7 * len(shares) + 0.8)
    looks = ((LINES[0], "white", ""), (LINES[4], "black", "//"), ("#EEEEEE", "black", ""))
    for k, values in enumerate(shares.values()):
        left, pieces = 0.0, [*zip(names, values, strict=True), ("neither", 100 - sum(values))]
        for (name, value), (colour, ink, hatch) in zip(pieces, looks, strict=True):
            ax.barh(k, value, 0.75, left, color=colour, hatch=hatch, edgecolor="white")
            text = name if name == "neither" else f"{name} {value:.0f}"
            box = {"facecolor": colour, "edgecolor": "none", "pad": 2}
            at, side = (99, "right") if name == "neither" else (left + 1, "left")
            ax.text(at, k, text, color=ink, ha=side, va="center", fontsize=12, bbox=box)
            left += value
    ax.set_yticks(range(len(shares)), list(shares), fontsize=12)
    ax.set(xlabel="percent of the code's spread", xlim=(0, 100))
    ax.invert_yaxis()
    return ax
