"""Pictures of the lecture: data in, `ax=None`, `ax` out.

Colours are Okabe and Ito's, which colour-blind readers tell apart, and nothing is told by colour
alone. Blue, yellow and green are the lecture's own: frozen, fine-tuned, new [C16].
"""

from cs826tl.plots.curves import plot_history, plot_tradeoff
from cs826tl.plots.images import plot_images
from cs826tl.plots.picture import Picture, show
from cs826tl.plots.spread import plot_spread
from cs826tl.plots.stages import ROLES, plot_stages, stage_role

__all__ = [
    "ROLES",
    "Picture",
    "plot_history",
    "plot_images",
    "plot_spread",
    "plot_stages",
    "plot_tradeoff",
    "show",
    "stage_role",
]
