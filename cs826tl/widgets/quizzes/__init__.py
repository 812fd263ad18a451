"""A few questions at the end of each lecture."""
