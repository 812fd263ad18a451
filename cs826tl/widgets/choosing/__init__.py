"""Which network to fine-tune: a ranking predicted, then measured."""
