"""Pictures for the lecture: data in, `ax=None`, `ax` out.

Colours are Okabe and Ito's, which colour-blind readers can tell apart, and nothing depends on
colour alone. Blue, yellow and green are the lecture's own: frozen, fine-tuned, new [C16].
"""

from cs826tl.plots.alarms import plot_alarms, plot_costs, plot_scores
from cs826tl.plots.bands import plot_bands
from cs826tl.plots.bounds import plot_bounds, plot_runs
from cs826tl.plots.budgets import plot_budget
from cs826tl.plots.curves import plot_histories, plot_history, plot_tradeoff
from cs826tl.plots.depths import plot_depths
from cs826tl.plots.drawing import STAND_IN_DPI, Draw, Drawing, Place
from cs826tl.plots.effects import plot_effect_rows, plot_effects
from cs826tl.plots.embedding import plot_embedding
from cs826tl.plots.gains import plot_gains
from cs826tl.plots.graph import plot_graph
from cs826tl.plots.images import plot_feature_maps, plot_images
from cs826tl.plots.intervals import plot_intervals
from cs826tl.plots.kinds import plot_kinds
from cs826tl.plots.mixing import plot_mixing
from cs826tl.plots.neighbours import plot_neighbours
from cs826tl.plots.networks import plot_networks
from cs826tl.plots.picture import Picture, show
from cs826tl.plots.plans import plot_movement, plot_plan, plot_plan_within
from cs826tl.plots.predictions import plot_guesses, plot_top_k
from cs826tl.plots.rankings import plot_ranking, plot_rankings
from cs826tl.plots.scenarios import plot_scenarios
from cs826tl.plots.shift import plot_domains
from cs826tl.plots.spread import plot_spread, plot_spreads
from cs826tl.plots.stages import ROLES, plot_stages, stage_role
from cs826tl.plots.style import LINES

__all__ = [
    "LINES",
    "ROLES",
    "STAND_IN_DPI",
    "Draw",
    "Drawing",
    "Picture",
    "Place",
    "plot_alarms",
    "plot_bands",
    "plot_bounds",
    "plot_budget",
    "plot_costs",
    "plot_depths",
    "plot_domains",
    "plot_effect_rows",
    "plot_effects",
    "plot_embedding",
    "plot_feature_maps",
    "plot_gains",
    "plot_graph",
    "plot_guesses",
    "plot_histories",
    "plot_history",
    "plot_images",
    "plot_intervals",
    "plot_kinds",
    "plot_mixing",
    "plot_movement",
    "plot_neighbours",
    "plot_networks",
    "plot_plan",
    "plot_plan_within",
    "plot_ranking",
    "plot_rankings",
    "plot_runs",
    "plot_scenarios",
    "plot_scores",
    "plot_spread",
    "plot_spreads",
    "plot_stages",
    "plot_top_k",
    "plot_tradeoff",
    "show",
    "stage_role",
]
