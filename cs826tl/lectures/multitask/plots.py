"""What a task gains from a second one, against how far their gradients agree."""

from __future__ import annotations

from collections.abc import Mapping

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
