"""Pictures of the lecture: data in, `ax=None`, `ax` out.

Colours are Okabe and Ito's, which colour-blind readers tell apart, and nothing is told by colour
alone. Blue, yellow and green are the lecture's own: frozen, fine-tuned, new [C16].
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from torch import Tensor

from cs826tl.backbones import HEAD, StagedModel
from cs826tl.freezing import frozen_stages
from cs826tl.history import History

BLUE, YELLOW, GREEN = "#56B4E9", "#F0E442", "#009E73"
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#000000")
MARKERS = "osD^vX"
ROLES = {"frozen": (BLUE, "//"), "fine-tuned": (YELLOW, ""), "new head": (GREEN, "..")}


def plot_history(history: History, columns: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw columns of a history against the epoch; all accuracies if none is named.

    >>> rows = [{"epoch": 0, "validation_accuracy": 0.1}, {"epoch": 1, "validation_accuracy": 0.7}]
    >>> plot_history(History(rows)).get_xlabel()
    'epoch'
    """
    ax = _axes(ax)
    columns = columns or [name for name in history.rows[-1] if name.endswith("accuracy")]
    for k, column in enumerate(columns):
        label = column.replace("_", " ")
        ax.plot(
            history["epoch"], history[column], MARKERS[k % 6] + "-", color=LINES[k % 6], label=label
        )
    ax.set(xlabel="epoch", ylim=(0, 1.02) if all("accuracy" in c for c in columns) else None)
    ax.legend()
    return ax


def plot_stages(model: StagedModel, ax: Axes | None = None) -> Axes:
    r"""Draw the network as its stages: blue frozen, yellow fine-tuned, green the new head [C16].

    >>> from cs826tl import freeze, load_backbone
    >>> ax = plot_stages(freeze(load_backbone("small_vgg", weights="random")))
    >>> [text.get_text() for text in ax.texts][:2]
    ['block1\nfrozen', 'block2\nfrozen']
    """
    ax = _axes(ax, width=1.25 * len(model.parts), height=1.9)
    for k, name in enumerate(model.parts):
        role = stage_role(model, name)
        colour, hatch = ROLES[role]
        ax.bar(k, 1, width=0.86, color=colour, hatch=hatch, edgecolor="black", linewidth=0.8)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        label = f"{name}\n{role.removesuffix(' head')}"
        ax.text(k, 0.5, label, ha="center", va="center", fontsize=9, bbox=box)
    # set now: layout would look for the labels before the limits follow from the bars
    ax.set(xlim=(-0.5, len(model.parts) - 0.5), ylim=(0, 1))
    ax.set_axis_off()
    handles = [
        Patch(facecolor=c, hatch=h, edgecolor="black", label=r) for r, (c, h) in ROLES.items()
    ]
    ax.legend(
        handles=handles, ncols=3, loc="upper center", bbox_to_anchor=(0.5, 0.02), frameon=False
    )
    return ax


def stage_role(model: StagedModel, stage: str) -> str:
    """Return `frozen`, `fine-tuned` or `new head`: the lecture's three colours, in words."""
    if stage in frozen_stages(model):
        return "frozen"
    return "new head" if stage == HEAD else "fine-tuned"


def plot_spread(
    results: Mapping[str, Sequence[float]], ax: Axes | None = None, *, label: str = "accuracy"
) -> Axes:
    """Draw one row a method: a dot for every seed, a bar for their mean.

    >>> plot_spread({"frozen": [0.8, 0.9], "fine-tuned": [0.7, 0.9]}).get_xlabel()
    'accuracy'
    """
    ax = _axes(ax, height=0.5 * len(results) + 1)
    for k, values in enumerate(results.values()):
        ax.barh(k, np.mean(values), color="#DDDDDD", edgecolor="black", height=0.6)
        ax.plot(
            values, [k] * len(values), "o", color=LINES[0], markeredgecolor="white", markersize=8
        )
    ax.set_yticks(range(len(results)), results.keys())
    ax.invert_yaxis()
    ax.set_xlabel(label)
    return ax


def plot_tradeoff(
    runs: Mapping[str, Sequence[History]], ax: Axes | None = None, *, source: str = "source"
) -> Axes:
    """Draw what fine-tuning gains against what it forgets: target accuracy over source accuracy.

    One line a way of fine-tuning, from its start to its end over the epochs, the mean over seeds;
    the best corner is at the top right.

    >>> rows = [{"source_accuracy": 0.9, "validation_accuracy": 0.1}]
    >>> plot_tradeoff({"cautious": [History(rows)]}).get_ylabel()
    'target accuracy'
    """
    ax = _axes(ax)
    for k, (way, histories) in enumerate(runs.items()):
        x = np.mean([h[f"{source}_accuracy"] for h in histories], axis=0)
        y = np.mean([h["validation_accuracy"] for h in histories], axis=0)
        colour, marker = LINES[k % 6], MARKERS[k % 6]
        ax.plot(x, y, marker + "-", color=colour, alpha=0.5, linewidth=1, markersize=3)
        ax.plot(x[-1], y[-1], marker, color=colour, markersize=10, label=way)
    ax.set(xlabel=f"{source} accuracy (what is kept)", ylabel="target accuracy")
    ax.set(xlim=(0, 1.02), ylim=(0, 1.02))
    ax.legend()
    return ax


def plot_images(images: Tensor, titles: Sequence[str] = (), columns: int = 8) -> Axes:
    """Draw pictures, filters or feature maps in a grid, each in its own range of brightness.

    `images` has shape `(N, 3, height, width)`, or `(N, 1, …)` and `(N, height, width)` for grey.
    Returns the first axes.

    >>> import torch
    >>> plot_images(torch.zeros(3, 1, 8, 8), titles=["a", "b", "c"]).get_title()
    'a'
    """
    grid = images.unsqueeze(1) if images.dim() == 3 else images
    columns = min(columns, len(grid))
    rows = -(-len(grid) // columns)
    _, axes = plt.subplots(rows, columns, figsize=(1.3 * columns, 1.45 * rows), squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for k, image in enumerate(grid.float().cpu().numpy()):
        low, high = image.min(), image.max()
        picture = (image - low) / max(high - low, 1e-12)
        axes.flat[k].imshow(picture.transpose(1, 2, 0).squeeze(), cmap="gray")
        axes.flat[k].set_title(titles[k] if k < len(titles) else "", fontsize=9)
    first: Axes = axes[0, 0]
    return first


def show(ax: Axes, alt: str) -> None:
    """Display the picture that `ax` is on, with a text for those who cannot see it, and close it.

    The pitfall: `alt` is stored and compared when notebooks are tested, so it says what there is
    to see and leaves out digits that another machine would change.

    >>> show(plot_history(History([{"epoch": 0, "accuracy": 0.1}])), "One point, near zero.")
    One point, near zero.
    """
    figure = ax.get_figure(root=True)
    assert figure is not None
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=110, bbox_inches="tight")
    plt.close(figure)
    display(Picture(picture.getvalue(), alt))  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Picture:
    """A PNG picture and the text that says what it shows; Jupyter stores both."""

    png: bytes
    alt: str

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        data = {"image/png": b64encode(self.png).decode(), "text/plain": self.alt}
        return data, {"image/png": {"alt": self.alt}}


def _axes(ax: Axes | None, width: float = 7, height: float = 3.6) -> Axes:
    if ax is not None:
        return ax
    figure = plt.figure(figsize=(width, height), layout="constrained")
    return figure.add_subplot()
