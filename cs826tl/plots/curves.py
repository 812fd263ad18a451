"""Training as lines over the epochs."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from cs826tl.plots.style import LINES, MARKERS, axes_or_new
from cs826tl.training.history import History


def plot_history(history: History, columns: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw columns of a history against the epoch; all accuracies if none is named.

    The axes are `ax`, or those of a new figure.

    Raises `ValueError` for a history without rows, and for a column that it does not have.

    >>> rows = [{"epoch": 0, "validation_accuracy": 0.1}, {"epoch": 1, "validation_accuracy": 0.7}]
    >>> plot_history(History(rows)).get_xlabel()
    'epoch'
    """
    if not history.rows:
        raise ValueError("the history is empty: train first, history = fit(model, task)")
    columns = columns or [name for name in history.rows[-1] if name.endswith("accuracy")]
    drawn = {column: history[column] for column in columns}
    ax = axes_or_new(ax)
    for k, (column, values) in enumerate(drawn.items()):
        label, style = column.replace("_", " "), MARKERS[k % 6] + "-"
        ax.plot(history["epoch"], values, style, color=LINES[k % 6], label=label)
    ax.set(xlabel="epoch", ylim=(0, 1.02) if all("accuracy" in c for c in columns) else None)
    ax.legend()
    return ax
