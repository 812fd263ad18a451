"""The network as a row of stages, in the lecture's colours [C16]."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from cs826tl.networks.staging import HEAD, StagedModel
from cs826tl.plots.style import BLUE, GREEN, YELLOW, axes_or_new
from cs826tl.training.freezing import State, frozen_stages, state_of

ROLES = {"frozen": (BLUE, "//"), "fine-tuned": (YELLOW, ""), "new head": (GREEN, "..")}


def plot_stages(model: StagedModel, ax: Axes | None = None) -> Axes:
    r"""Draw the network as its stages: blue frozen, yellow fine-tuned, green the new head [C16].

    If only the adapters of a stage learn (see `add_lora`), it is yellow and says so. The model is
    drawn on `ax`, or on a new figure.

    >>> from cs826tl import freeze, load_backbone
    >>> ax = plot_stages(freeze(load_backbone("small_vgg", weights="random")))
    >>> [text.get_text() for text in ax.texts][:2]
    ['block1\nfrozen', 'block2\nfrozen']
    """
    ax = axes_or_new(ax, width=1.25 * len(model.parts), height=1.9)
    for k, name in enumerate(model.parts):
        role = stage_role(model, name)
        colour, hatch = ROLES[role]
        ax.bar(k, 1, width=0.86, color=colour, hatch=hatch, edgecolor="black", linewidth=0.8)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        adapted = state_of(model.parts[name]) is State.ADAPTED
        label = f"{name}\n{State.ADAPTED if adapted else role.removesuffix(' head')}"
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
