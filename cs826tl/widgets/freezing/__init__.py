"""The freezing panel: press stages to freeze them, train, and compare."""
