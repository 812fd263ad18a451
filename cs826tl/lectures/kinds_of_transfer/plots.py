"""The kinds of transfer as a map of two questions."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from cs826tl.lectures.kinds_of_transfer.kinds import (
    INDUCTIVE,
    TRANSDUCTIVE,
    UNSUPERVISED,
    Answers,
    kind_of_transfer,
)
from cs826tl.plots.style import axes_or_new

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
