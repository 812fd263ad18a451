"""The line between two networks: a mixing weight to drag."""
