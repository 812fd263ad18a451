"""Where a submission runs: confined, bounded, and in a process of its own."""
