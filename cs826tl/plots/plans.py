"""A plan of training before it runs, and after it what moved when [C13]."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.patches import Patch, Rectangle

from cs826tl.plots.stages import ROLES
from cs826tl.plots.style import LINES, axes_or_new
from cs826tl.training.auditing import Finding
from cs826tl.training.freezing import State
from cs826tl.training.plans import Plan

WIDEST, NARROWEST = 8.0, 1.5  # points; so that lines on top of each other are all visible


def plot_plan(plan: Plan, ax: Axes | None = None) -> Axes:
    """Draw every part's learning rate over the epochs of a plan, with its name where it wakes.

    The head's line is the widest and lies at the back, so that parts with the same rate stay
    visible. If rates differ from part to part, their axis is logarithmic.

    >>> ax = plot_plan(Plan(("stage1", "head"), np.array([[[0.0, 0.2]], [[0.1, 0.1]]])))
    >>> [text.get_text() for text in ax.texts]
    ['head', 'stage1']
    """
    ax = axes_or_new(ax)
    epochs = np.arange(plan.epochs * plan.batches) / plan.batches
    parts = [name for name in reversed(plan.parts) if name in plan.wakes]
    colours = colormaps["viridis"](np.linspace(0, 0.9, len(parts)))
    waking: dict[tuple[float, float], list[str]] = {}
    for name, colour, width in zip(
        parts, colours, np.linspace(WIDEST, NARROWEST, len(parts)), strict=True
    ):
        rates = plan.rates[:, :, plan.parts.index(name)].ravel()
        ax.plot(epochs, np.where(rates > 0, rates, np.nan), color=colour, lw=width, label=name)
        first = int(np.argmax(rates > 0))
        waking.setdefault((float(epochs[first]), float(rates[first])), []).append(name)
    for place, names in waking.items():
        ax.plot(*place, "o", color="black", markersize=5, zorder=3)
        text = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.8}
        ax.annotate(text, place, (6, 5), textcoords="offset points", fontsize=9, bbox=box)
    ax.set(xlabel="epochs done", ylabel="learning rate", xlim=(-0.02 * plan.epochs, plan.epochs))
    ax.set(xticks=range(plan.epochs + 1))
    if _one_rate_for_all(plan):
        ax.set(ylim=(0, 1.2 * plan.rates.max()))
    else:
        ax.set(yscale="log")
    return ax


def plot_plan_within(plan: Plan, epochs: int, ax: Axes | None = None) -> Axes:
    """Draw a plan on axes of `epochs` epochs and fixed rates, the same for every plan.

    >>> plan = Plan(("stage1", "head"), np.array([[[0.0, 0.2]], [[0.1, 0.1]]]))
    >>> plot_plan_within(plan, 3).get_xticks().tolist()
    [0, 1, 2, 3]
    """
    ax = plot_plan(plan, ax)
    ax.set(xlim=(-0.3, epochs + 0.3), xticks=range(epochs + 1), yscale="log", ylim=(1e-6, 0.1))
    return ax


def plot_movement(
    audits: Sequence[pd.DataFrame],
    ax: Axes | None = None,
    *,
    limits: tuple[float, float] | None = None,
) -> Axes:
    """Draw what moved when: one row per part, the head on top, and one column per epoch.

    `audits` holds what `audit` says after each epoch. Blue and hatched: claimed frozen, and did not
    move. A cross: claimed frozen, and moved. Other colours give the largest change of a weight of
    the part, on a logarithmic scale: of whole powers of ten, or between `limits`. Pictures side by
    side need the same limits, or one colour means two things.

    >>> from cs826tl import audit, freeze, load_backbone, snapshot
    >>> model = freeze(load_backbone("small_vgg", weights="random"))
    >>> ax = plot_movement([audit(model, snapshot(model))])
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['head', 'fc', 'block3', 'block2', 'block1']
    """
    parts = list(reversed(audits[0].index))
    ax = axes_or_new(ax, width=0.9 * len(audits) + 3, height=0.36 * len(parts) + 1.2)
    change = np.array([audit.loc[parts, "largest change"] for audit in audits], dtype=float).T
    norm = LogNorm(*limits) if limits else _decades(change)
    image = ax.imshow(np.ma.masked_equal(change, 0), cmap="viridis", norm=norm, aspect="auto")
    for epoch, audit in enumerate(audits):
        for row, part in enumerate(parts):
            _mark(ax, (epoch, row), *audit.loc[part, ["claimed", "verdict"]])
    ax.set_xticks(range(len(audits)), [f"{k + 1}" for k in range(len(audits))])
    ax.set_yticks(range(len(parts)), parts)
    ax.set_xlabel("epoch", loc="left")
    figure = ax.get_figure(root=True)
    assert figure is not None
    figure.colorbar(image, ax=ax, label="largest change of a weight").minorticks_off()
    if any((audit["claimed"] == State.FROZEN).any() for audit in audits):
        colour, hatch = ROLES["frozen"]
        frozen = Patch(facecolor=colour, hatch=hatch, edgecolor="black", label="frozen, at rest")
        below = {"bbox_to_anchor": (1, 0), "borderaxespad": 1.8}
        ax.legend(handles=[frozen], loc="upper right", frameon=False, **below)
    return ax


def _one_rate_for_all(plan: Plan) -> bool:
    """Say whether all parts that are awake have the same rate at every step."""
    highest = plan.rates.max(axis=2)
    lowest = np.where(plan.rates > 0, plan.rates, np.inf).min(axis=2)
    return np.allclose(highest, lowest)


def _decades(change: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> LogNorm:
    """Return a scale of whole powers of ten, so that pictures side by side often share it."""
    moved = np.isfinite(change) & (change > 0)
    seen = change[moved] if moved.any() else np.ones(1)
    low, high = np.floor(np.log10(seen.min())), np.ceil(np.log10(seen.max()))
    return LogNorm(10.0**low, 10.0 ** max(high, low + 1))


def _mark(ax: Axes, place: tuple[int, int], claimed: str, verdict: str) -> None:
    """Hatch a cell that stood still; cross one that moved although it was claimed frozen."""
    column, row = place
    if verdict == Finding.FROZEN_MOVED:
        ax.plot(column, row, "X", color=LINES[1], markeredgecolor="white", markersize=14)
    elif claimed == State.FROZEN:
        colour, hatch = ROLES["frozen"]
        corner = (column - 0.5, row - 0.5)
        ax.add_patch(Rectangle(corner, 1, 1, facecolor=colour, hatch=hatch, edgecolor="black"))
