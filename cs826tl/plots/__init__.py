"""Pictures for the lecture: data in, `ax=None`, `ax` out.

Colours are Okabe and Ito's, which colour-blind readers can tell apart, and nothing depends on
colour alone. Blue, yellow and green are the lecture's own: frozen, fine-tuned, new [C16].
"""

from cs826tl.plots.bands import plot_bands
from cs826tl.plots.curves import plot_history
from cs826tl.plots.embedding import plot_embedding
from cs826tl.plots.images import plot_images
from cs826tl.plots.intervals import plot_intervals
from cs826tl.plots.picture import show
from cs826tl.plots.plans import plot_movement, plot_plan
from cs826tl.plots.predictions import plot_guesses
from cs826tl.plots.spread import plot_shares, plot_spread, plot_spreads
from cs826tl.plots.stages import plot_stages

__all__ = [
    "plot_bands",
    "plot_embedding",
    "plot_guesses",
    "plot_history",
    "plot_images",
    "plot_intervals",
    "plot_movement",
    "plot_plan",
    "plot_shares",
    "plot_spread",
    "plot_spreads",
    "plot_stages",
    "show",
]
