"""Learning platforms: what they hand out as an archive, and what they take back as feedback."""
