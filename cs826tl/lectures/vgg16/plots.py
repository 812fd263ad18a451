"""VGG16 in pictures: its parameters and its work, what its channels look for, and its rivals."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import torch.nn.functional as F
from matplotlib.axes import Axes
from torch import Tensor

from cs826tl.plots.style import BLUE, LINES, axes_or_new

SIDE = 64  # pixels of one photograph in a row
GAP = 4
DEAR = 5e9  # multiply-adds from which on a name stands to the right of its circle


def plot_anatomy(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw each part's share of the parameters to the left, of the multiply-adds to the right.

    `table` is `anatomy`'s. The axes are `ax`, or those of a new figure.

    >>> counts = {"parameters": [1, 3], "multiply-adds": [9, 1]}
    >>> [text.get_text() for text in plot_anatomy(pd.DataFrame(counts, ["a", "b"])).texts][:3]
    ['25 %', '90 %', '75 %']
    """
    ax = axes_or_new(ax, height=3.1)
    shares = (
        100 * table[["parameters", "multiply-adds"]] / table[["parameters", "multiply-adds"]].sum()
    )
    for place, (held, done) in enumerate(shares.to_numpy()):
        for side, share, colour in ((-1, held, LINES[1]), (1, done, LINES[0])):
            ax.barh(place, side * share, color=colour, height=0.7)
            ax.text(
                side * (share + 2), place, f"{share:.0f} %", va="center",
                ha="left" if side > 0 else "right",
            )  # fmt: skip
    ax.set_yticks(range(len(shares)), shares.index)
    ax.set(xlim=(-95, 95), xticks=[])
    ax.set_title("parameters held", loc="left", color=LINES[1], weight="bold")
    ax.set_title("work done", loc="right", color=LINES[0], weight="bold")
    ax.invert_yaxis()
    ax.axvline(0, color="black", linewidth=1)
    ax.spines[["top", "right", "bottom", "left"]].set_visible(False)
    return ax


def plot_best(rows: Mapping[str, Tensor], ax: Axes | None = None) -> Axes:
    """Draw rows of photographs, each row with its name: what excites a channel most [C16].

    Each row is `uint8`, shape `(N, 3, height, width)`. The axes are `ax`, or those of a new figure.

    >>> import torch
    >>> ax = plot_best({"block1": torch.zeros(9, 3, 32, 32, dtype=torch.uint8)})
    >>> [tick.get_text() for tick in ax.get_yticklabels()]
    ['block1']
    """
    ax = axes_or_new(ax, width=8, height=0.85 * len(rows) + 0.1)
    for place, photos in enumerate(rows.values()):
        for column, photo in enumerate(F.interpolate(photos.float(), SIDE).byte()):
            left, top = column * (SIDE + GAP), place * (SIDE + GAP)
            ax.imshow(photo.permute(1, 2, 0).numpy(), extent=(left, left + SIDE, top + SIDE, top))
    wide = max(map(len, rows.values()))
    ax.set(xlim=(0, wide * (SIDE + GAP)), ylim=(len(rows) * (SIDE + GAP), 0), xticks=[])
    ax.set_yticks([k * (SIDE + GAP) + SIDE / 2 for k in range(len(rows))], rows)
    ax.tick_params(length=0)
    ax.spines[["top", "right", "bottom", "left"]].set_visible(False)
    return ax


def plot_price(
    cost: Mapping[str, float],
    points: Mapping[str, float],
    ax: Axes | None = None,
    *,
    label: str = "seconds for 1,000 photographs",
) -> Axes:
    """Draw what a network's codes are worth over what they cost, each with its name [C15].

    `cost` is what `label` says, `points` the accuracy in per cent, both by network. The axes are
    `ax`, or those of a new figure.

    >>> plot_price({"VGG16": 30.0}, {"VGG16": 50.0}).texts[0].get_text()
    'VGG16'
    """
    ax = axes_or_new(ax, height=2.2)
    span = max(points.values()) - min(points.values()) + 1
    for place, name in enumerate(points):
        at = cost[name], points[name]
        ax.plot(*at, "o", color=LINES[place % len(LINES)], markersize=11)
        higher = [other - points[name] for other in points.values() if other > points[name]]
        close = min(higher, default=span) < span / 20  # its name goes below
        ax.annotate(name, at, (9, -14 if close else 6), textcoords="offset points")
    ax.margins(0.25)
    ax.set(xlim=(0, 1.5 * max(cost.values())), xlabel=label)
    ax.set_ylabel("right, in %")
    return ax


def plot_kinds(shares: Mapping[str, Mapping[str, float]], ax: Axes | None = None) -> Axes:
    """Draw what share of each block's channels is for one kind only, a line for each network.

    `shares` are `one_kind`'s, in per cent, by network. The axes are `ax`, or those of a new figure.

    >>> plot_kinds({"VGG16": {"block1": 3.0, "block2": 12.0}}).texts[-1].get_text()
    'VGG16'
    """
    ax = axes_or_new(ax, height=3.2)
    for place, (name, by_block) in enumerate(shares.items()):
        colour, style = (LINES[0], "o-") if place == 0 else ("#666666", "s--")
        ax.plot(list(by_block), list(by_block.values()), style, color=colour, linewidth=2.5)
        last = len(by_block) - 1, list(by_block.values())[-1]
        ax.annotate(name, last, (10, -4), textcoords="offset points", color=colour, weight="bold")
    ax.set(xlim=(-0.3, last[0] + 1.1), ylim=(0, None))
    ax.set_ylabel("% of channels: nine animals,\nor nine vehicles")
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def plot_networks(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw `published_networks()`: top-1 over multiply-adds, a circle's area the parameters [C15].

    `table` may also be another one with its columns. The axes are `ax`, or those of a new figure.

    >>> rows = {"top-1": [70.0, 80.0], "multiply-adds": [1e9, 1e10], "parameters": [1e7, 1e8]}
    >>> ax = plot_networks(pd.DataFrame(rows, index=["small", "large"]))
    >>> [text.get_text() for text in ax.texts]
    ['small', 'large']
    """
    ax = axes_or_new(ax, width=8, height=3.8)
    work, top_1 = table["multiply-adds"], table["top-1"]
    ax.scatter(work, top_1, s=table["parameters"] / 1e5, color=BLUE, edgecolor="black")
    for name, row in table.iterrows():
        right = row["multiply-adds"] > DEAR
        radius = (row["parameters"] / 1e5 / 3.14) ** 0.5
        ax.annotate(
            str(name),
            (row["multiply-adds"], row["top-1"]),
            ((radius + 5) * (1 if right else -1), -4),
            textcoords="offset points",
            ha="left" if right else "right",
        )
    ax.set(xscale="log", xlim=(work.min() / 8, work.max() * 8))
    ax.set(ylim=(top_1.min() - 4, top_1.max() + 4))
    ax.set(xlabel="multiply-adds per image", ylabel="published top-1, %")
    return ax
