"""The text probe: write a review, and see what moved the answer."""
