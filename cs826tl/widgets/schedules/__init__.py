"""The schedule designer: shape a plan of training, and train by it."""
