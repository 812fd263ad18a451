"""The shift explorer: shift a domain, and see what it costs."""
