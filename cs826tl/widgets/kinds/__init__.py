"""The sorter of kinds of transfer."""
