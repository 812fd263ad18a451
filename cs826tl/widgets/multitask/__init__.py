"""The multi-task explorer: what one question gains from another."""
