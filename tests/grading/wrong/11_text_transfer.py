"""Plausible mistakes in exercise 11; each fails its own question."""

BITS = """
p = np.array(variant["probabilities"])
bits = {}
"""
WINDOWS = """
def make_windows(numbers, length):
    inputs = []
    for k in range({start}, len(numbers){end}):
        before = numbers[max(0, k - length + {shift}) : k + {shift}]
        padding = [0] * (length - len(before))
        inputs.append({row})
    return {{"inputs": np.array(inputs), "labels": np.array(numbers[{start}:])}}
"""
RIGHT = {"start": 1, "end": "", "shift": 0, "row": "padding + before"}
PAIRS = """
def covering_pairs(whole, without_one, without_two):
    lost, n = whole - without_one, len(without_one)
    return [[i, j] for i in range(n) for j in {} if {}]
"""
RATE = """
def choose_rate(rates, target, others, before, allowed):
    target, others = np.array(target), np.array(others)
    t, o = {}
    fit = [k for k in range(len(rates)) if {}]
    return {}
"""
MEANS = "target.mean(1), others.mean(1)"
BEST = "min(((t[k], rates[k]) for k in fit), default=(None, None))[1]"

WRONG = {
    "bits": {
        "natural logarithms": BITS.format("-np.log(p).mean()"),
        "the sum": BITS.format("-np.log2(p).sum()"),
        "the bits of the mean probability": BITS.format("-np.log2(p.mean())"),
        "the sign forgotten": BITS.format("np.log2(p).mean()"),
    },
    "make_windows": {
        "padded behind": WINDOWS.format(**RIGHT | {"row": "before + padding"}),
        "the answer stands in the window": WINDOWS.format(**RIGHT | {"shift": 1}),
        "begins where a window is full": WINDOWS.format(**RIGHT | {"start": "length"}),
        "the last character is never asked for": WINDOWS.format(**RIGHT | {"end": " - 1"}),
    },
    "covering_pairs": {
        "whatever loses much together": PAIRS.format(
            "range(i + 1, n)", "whole - without_two[i, j] >= 0.2"
        ),
        "more than the one alone": PAIRS.format(
            "range(i + 1, n)", "whole - without_two[i, j] >= max(lost[i], lost[j]) + 0.2"
        ),
        "each pair twice": PAIRS.format(
            "range(n)", "i != j and whole - without_two[i, j] >= lost[i] + lost[j] + 0.2"
        ),
        "the answer, not what it lost": PAIRS.format(
            "range(i + 1, n)", "without_two[i, j] >= without_one[i] + without_one[j] + 0.2"
        ),
    },
    "choose_rate": {
        "forgetting ignored": RATE.format(MEANS, "True", BEST),
        "the best seed": RATE.format(
            "target.min(1), others.min(1)", "o[k] - before <= allowed", BEST
        ),
        "below the limit only": RATE.format(MEANS, "o[k] - before < allowed", BEST),
        "the one that forgets least": RATE.format(
            MEANS,
            "o[k] - before <= allowed",
            "min(((o[k], rates[k]) for k in fit), default=(None, None))[1]",
        ),
        "the first at a tie": RATE.format(
            MEANS,
            "o[k] - before <= allowed",
            "rates[min(fit, key=lambda k: t[k])] if fit else None",
        ),
    },
}
