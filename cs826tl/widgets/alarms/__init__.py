"""The alarm explorer: what a threshold catches, and what it costs."""
