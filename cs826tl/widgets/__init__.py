"""Controls to play with: thin views in JavaScript over plain controllers in Python."""

from cs826tl.widgets.freezing_panel import FreezingPanel, freezing_panel

__all__ = ["FreezingPanel", "freezing_panel"]
