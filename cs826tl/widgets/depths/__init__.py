"""The depth probe: what a linear classifier reads at every depth."""
