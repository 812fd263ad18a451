"""Results over seeds along depths, numbers of labels or epochs: mean lines within bands."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes

from cs826tl.plots.style import LINES, MARKERS, axes_or_new


def plot_bands(
    results: Mapping[str, pd.DataFrame], ax: Axes | None = None, *, label: str = "accuracy"
) -> Axes:
    """Draw a line for each table: the mean of its columns, in a band from lowest to highest.

    `results` holds the tables by name. Each has one column per seed, and one row per place along
    the axis, the same in all tables: depths (as `probe_depths` returns them), numbers of labels,
    epochs. `label` names the other axis. The axes are `ax`, or those of a new figure.

    Raises `ValueError` if there is no table, or the tables' rows differ.

    >>> table = pd.DataFrame({0: [0.2, 0.8], 1: [0.4, 0.6]}, index=["stage1", "stage2"])
    >>> plot_bands({"photographs": table}).lines[0].get_ydata()
    array([0.3, 0.7])
    """
    if not results:
        raise ValueError("there is nothing to draw: give a table by name, or several")
    ax = axes_or_new(ax)
    places = next(iter(results.values())).index
    for k, (name, table) in enumerate(results.items()):
        if not table.index.equals(places):
            raise ValueError(f"{name!r} has the rows {list(table.index)}, not {list(places)}")
        x, colour = range(len(table)), LINES[k % len(LINES)]
        ax.fill_between(x, table.min(axis=1), table.max(axis=1), color=colour, alpha=0.2, lw=0)
        style = MARKERS[k % len(MARKERS)] + "-"
        ax.plot(x, table.mean(axis=1), style, color=colour, label=name)
    ax.set_xticks(range(len(places)), [str(place) for place in places])
    ax.set(xlabel=places.name, ylabel=label)
    ax.legend()
    return ax
