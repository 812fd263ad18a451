"""Lecture 08's figure: what each way of fine-tuning reaches, rate by rate [C14]."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from cs826tl.plots.style import LINES, MARKERS, STYLES, apart, axes_or_new


def plot_rates(rows: pd.DataFrame, chosen: Mapping[str, float], ax: Axes | None = None) -> Axes:
    """Draw each way's mean test accuracy over the rates, with a ring at the rate that was chosen.

    `rows` has the columns `way`, `rate` and `test`, in per cent, for one seed or several; `chosen`
    names the ways to draw, and the rate that validation pictures chose for each. The axes are `ax`,
    or those of a new figure.

    >>> rows = {"way": ["plain"] * 2, "rate": [0.01, 0.1], "test": [70.0, 10.0]}
    >>> [text.get_text() for text in plot_rates(pd.DataFrame(rows), {"plain": 0.01}).texts]
    ['plain']
    """
    ax = axes_or_new(ax, width=7.5, height=4)
    means = rows.groupby(["way", "rate"])["test"].mean().unstack()
    ends = apart(means.loc[[*chosen.keys()], means.columns[-1]].to_numpy(), 6)
    for k, (way, rate) in enumerate(chosen.items()):
        curve, style = means.loc[way], MARKERS[k % len(MARKERS)] + STYLES[k % len(STYLES)]
        ax.plot(curve.index, curve, style, color=LINES[k], linewidth=2)
        ax.plot(rate, curve[rate], "o", color=LINES[k], markersize=17, mew=2, fillstyle="none")
        ax.text(curve.index[-1] * 1.25, ends[k], way, color=LINES[k], va="center", fontsize=12)
    rates = sorted(rows["rate"].unique())
    ax.set(xscale="log", xlabel="learning rate of the head", ylabel="test accuracy, in %")
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    ax.set(ylim=(0, 100), xlim=(rates[0] / 1.5, rates[-1] * 8))
    return ax
