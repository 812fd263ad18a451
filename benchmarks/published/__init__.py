"""The course's own methods under two published protocols."""
