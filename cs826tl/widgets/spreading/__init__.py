"""The spreading explorer: labels that run along a graph."""
