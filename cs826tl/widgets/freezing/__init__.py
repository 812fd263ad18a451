"""The freezing panel: freeze stages by hand, train, and see what it costs and moves."""

from cs826tl.widgets.freezing.panel import FreezingPanel, freezing_panel

__all__ = ["FreezingPanel", "freezing_panel"]
