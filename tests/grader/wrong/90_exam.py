"""Plausible mistakes in the exam; each fails its own question. Predictions are only unfit here."""

PROBABILITY = {
    "a percentage": "{name} = 70",
    "words": '{name} = "likely"',
    "a truth value": "{name} = True",
    "the odds": "{name} = (3, 1)",
}

WRONG = {
    "falls": {what: source.format(name="falls") for what, source in PROBABILITY.items()},
    "kept": {
        "words": 'kept = "75 %"',
        "a range": "kept = (70, 80)",
        "a share": "kept = 0.0075",
        "not a number": 'kept = float("nan")',
    },
    "noticed": {what: source.format(name="noticed") for what, source in PROBABILITY.items()},
    "share_replaced": {
        "what is left": """
def share_replaced(momentum, batches):
    return (1 - momentum) ** batches
""",
        "adds the shares up": """
def share_replaced(momentum, batches):
    return min(1.0, momentum * batches)
""",
        "one batch too many": """
def share_replaced(momentum, batches):
    return 1 - (1 - momentum) ** (batches + 1)
""",
        "momentum of the old": """
def share_replaced(momentum, batches):
    return 1 - momentum**batches
""",
    },
}
