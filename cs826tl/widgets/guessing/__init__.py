"""Guesses before a result, and the tally of surprises."""
