"""Scores against a threshold, and what each threshold costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from cs826tl.methods.alarms import Costs
from cs826tl.plots.style import LINES, MARKERS, axes_or_new

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

BINS = 40
HATCHES = ("", "///")  # not told by colour alone


def plot_scores(
    labels: ArrayLike,
    scores: ArrayLike,
    ax: Axes | None = None,
    *,
    names: Sequence[str] = ("harmless", "harmful"),
    threshold: float | None = None,
) -> Axes:
    """Draw the scores of both kinds of rows as histograms of shares, and the threshold.

    The two areas have the same size, however few rows a kind has.

    >>> ax = plot_scores([0, 0, 1], [-1.0, 0.0, 2.0], threshold=1.0)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['harmless', 'harmful']
    """
    ax = axes_or_new(ax)
    labels, scores = np.asarray(labels), np.asarray(scores)
    edges = np.linspace(scores.min(), scores.max(), BINS + 1).tolist()
    for kind, (name, hatch) in enumerate(zip(names, HATCHES, strict=True)):
        rows = scores[labels == kind]
        weights = np.full(len(rows), 1 / max(1, len(rows)))
        ax.hist(
            rows, edges, weights=weights, label=name, histtype="stepfilled",
            color=LINES[kind], alpha=0.6, hatch=hatch, edgecolor="white",
        )  # fmt: skip
    if threshold is not None:
        ax.axvline(threshold, color="black", linestyle="--", linewidth=1.5)
    ax.set(xlabel="score", ylabel="share of each kind")
    ax.legend()
    return ax


def plot_alarms(
    domains: Mapping[str, tuple[ArrayLike, ArrayLike]],
    costs: Mapping[str, Costs],
    ax: Axes | None = None,
    *,
    threshold: float,
    limit: float,
    label: str,
) -> Axes:
    """Draw the scores of two domains above each other, and beside them what a threshold costs.

    `domains` holds labels and scores by name. The axis of the scores ends at `limit` on both
    sides; `label` says what the costs are of.

    >>> from cs826tl.methods.alarms import threshold_costs
    >>> domains = {"lab": ([0, 1], [-1.0, 1.0]), "field": ([0, 1], [-1.0, 2.0])}
    >>> costs = {n: threshold_costs(*d, miss=1, false_alarm=1) for n, d in domains.items()}
    >>> ax = plot_alarms(domains, costs, threshold=0, limit=10, label="cost")
    >>> [inset.get_title() for inset in ax.child_axes]
    ['lab', 'field', '']
    """
    ax = axes_or_new(ax, width=9, height=3.2)
    ax.set_axis_off()
    reach = (-limit - 0.5, limit + 0.5)
    places = ((0.0, 0.6, 0.42, 0.4), (0.0, 0.0, 0.42, 0.4))
    for place, (name, (labels, scores)) in zip(places, domains.items(), strict=True):
        inset = ax.inset_axes(place)
        plot_scores(labels, scores, inset, threshold=threshold)
        inset.set(title=name, xlabel="", ylabel="", xlim=reach)
        inset.legend().set_visible(place[1] > 0)  # once is enough
    curves = ax.inset_axes((0.52, 0.0, 0.48, 1.0))
    plot_costs(costs, curves, threshold=threshold)
    curves.set(xlim=reach, ylabel=label)
    return ax


def plot_costs(
    costs: Mapping[str, Costs], ax: Axes | None = None, *, threshold: float | None = None
) -> Axes:
    """Draw what each threshold costs, one line per name, with a marker where it is cheapest.

    `costs` come from `threshold_costs`; the dashed line is at `threshold`.

    >>> from cs826tl.methods.alarms import threshold_costs
    >>> costs = threshold_costs([0, 1, 1], [0.1, 0.4, 0.9], miss=10, false_alarm=1)
    >>> plot_costs({"mail": costs}).get_xlabel()
    'threshold'
    """
    ax = axes_or_new(ax)
    for k, (name, (thresholds, values)) in enumerate(costs.items()):
        colour, best = LINES[k % len(LINES)], int(np.argmin(values))
        # a threshold between two scores does what the higher of the two does
        ax.plot(thresholds, values, color=colour, label=name, drawstyle="steps-post")
        ax.plot(thresholds[best], values[best], MARKERS[k % len(MARKERS)], color=colour, ms=9)
    if threshold is not None:
        ax.axvline(threshold, color="black", linestyle="--", linewidth=1.5)
    ax.set(xlabel="threshold", ylabel="cost")
    ax.legend()
    return ax
