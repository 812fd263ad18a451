"""The kinds of transfer as a map of two questions, and what two questions of a digit come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from cs826tl.lectures.kinds_of_transfer.kinds import (
    INDUCTIVE,
    TRANSDUCTIVE,
    UNSUPERVISED,
    Answers,
    kind_of_transfer,
)
from cs826tl.plots.style import LINES, axes_or_new

# not blue, yellow and green, which stand for frozen, fine-tuned and new [C16]
FILLS = {
    INDUCTIVE: ("#E69F00", ""),
    TRANSDUCTIVE: ("#CC79A7", "//"),
    UNSUPERVISED: ("#DDDDDD", ".."),
}


def plot_kinds(
    ax: Axes | None = None,
    *,
    chosen: Answers | None = None,
    placed: Mapping[Answers, str] | None = None,
) -> Axes:
    r"""Draw the two questions as a map of four fields, each named by its kind of transfer [C05].

    A field is `(target_labels, source_labels)`. `chosen` gets a thick frame, and `placed` says what
    else to write into fields.

    >>> ax = plot_kinds(chosen=(False, True), placed={(True, False): "1, 4"})
    >>> [text.get_text() for text in ax.texts][:2]
    ['inductive', 'inductive\n1, 4']
    """
    ax = axes_or_new(ax, height=2.8)
    for target in (True, False):
        for source in (True, False):
            kind = kind_of_transfer(target_labels=target, source_labels=source)
            text = "\n".join([kind.name, *filter(None, [(placed or {}).get((target, source))])])
            colour, hatch = FILLS[kind]
            x, y = int(not source), int(target)
            ax.add_patch(Rectangle((x, y), 1, 1, facecolor=colour, hatch=hatch, edgecolor="black"))
            box = {"facecolor": "white", "edgecolor": "none", "pad": 3}
            ax.text(x + 0.5, y + 0.5, text, ha="center", va="center", bbox=box)
    if chosen is not None:
        corner = (int(not chosen[1]) + 0.03, int(chosen[0]) + 0.05)
        ax.add_patch(Rectangle(corner, 0.94, 0.9, fill=False, edgecolor="black", linewidth=4))
    ax.set(xlim=(-0.02, 2.02), ylim=(-0.02, 2.02))
    ax.set_xticks([0.5, 1.5], ["labels in the source", "none in the source"])
    ax.set_yticks([1.5, 0.5], ["labels in\nthe target", "none in\nthe target"])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def plot_two(found: Mapping[str, tuple[float, float]]) -> Axes:
    """Draw a bar for each way in two panels, and return the first one's axes.

    `found` holds, by way, the percentage of digits read rightly, and by how many degrees the lean
    was missed [C05].

    >>> ax = plot_two({"source alone": (60.0, 2.1), "aligned": (63.0, 9.5)})
    >>> [text.get_text() for text in ax.texts]
    [' 60', ' 63']
    """
    height = 0.5 * len(found) + 1.1
    _, axes = plt.subplots(1, 2, figsize=(10, height), sharey=True, layout="constrained")
    panels = (("digits read rightly, percent", " %.0f"), ("lean missed by, degrees", " %.1f"))
    for k, (ax, (title, digits)) in enumerate(zip(axes, panels, strict=True)):
        values = [pair[k] for pair in found.values()]
        bars = ax.barh(list(found), values, color=LINES[k], hatch=("", "//")[k], edgecolor="white")
        ax.bar_label(bars, fmt=digits, fontsize=12)
        ax.set_title(title)
        ax.set_xlim(0, 1.15 * max(values))
        ax.set_xticks([])
        ax.tick_params(axis="y", labelsize=12)
        ax.spines[["top", "right", "bottom"]].set_visible(False)
    first: Axes = axes[0]
    first.invert_yaxis()
    return first


def plot_leans(leans: Mapping[str, Sequence[float]]) -> Axes:
    r"""Draw how far the digits of each group lean: a row of bars by angle, and the mean.

    `leans` holds degrees by group; above 0 is to the right [C05].

    >>> ax = plot_leans({"MNIST": [5.0, 15.0], "UCI": [-4.0, 2.0]})
    >>> [text.get_text() for text in ax.texts]
    ['MNIST\n10° on average', 'UCI\n−1° on average']
    """
    ax = axes_or_new(None, height=0.9 * len(leans) + 0.8)
    edges = np.arange(-42, 43, 3)
    for k, (name, angles) in enumerate(leans.items()):
        counts, _ = np.histogram(angles, edges)
        heights, colour = 0.8 * counts / counts.max(), LINES[k % len(LINES)]
        ax.bar(edges[:-1], -heights, 3, k + 0.9, align="edge", color=colour, edgecolor="white")
        mean = float(np.mean(angles))
        ax.plot([mean, mean], [k + 0.9, k], color="black", linewidth=2.5)
        text = f"{name}\n{mean:.0f}° on average".replace("-", "−")
        ax.text(-42, k + 0.45, text, color=colour, va="center", fontsize=12)
    ax.set(ylim=(len(leans), -0.1), xlim=(-43, 43), xlabel="lean, degrees (right is above 0)")
    ax.set_yticks([])
    ax.spines[["left", "top", "right"]].set_visible(False)
    return ax
