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
HEAD = """
def train_a_head(texts, labels):
    model = tl.methods.text.with_text_head({}, ["first", "second"])
    lines = tl.methods.text.load_tokenizer()(texts, 40)
    {}
    return model.state_dict()
"""

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
    "train_a_head": {
        "one epoch at a low rate": HEAD.format(
            "language_model()", "tl.fit(tl.freeze(model), (lines, labels), epochs=1, lr=1e-4)"
        ),
        "the stages learn too": HEAD.format(
            "language_model()", "tl.fit(model, (lines, labels), epochs=2, lr=1e-2)"
        ),
        "one stage learns too": HEAD.format(
            "language_model()",
            'tl.fit(tl.freeze(model, "embedding", "lstm1"), (lines, labels), epochs=2, lr=1e-2)',
        ),
        "random weights": HEAD.format(
            'tl.methods.text.load_language_model(weights="random")',
            "tl.fit(tl.freeze(model), (lines, labels), epochs=30, lr=1e-2)",
        ),
        "the head's state alone": """
def train_a_head(texts, labels):
    model = tl.freeze(tl.methods.text.with_text_head(language_model(), ["first", "second"]))
    return model.head.state_dict()
""",
        "classes the wrong way round": HEAD.format(
            "language_model()", "tl.fit(tl.freeze(model), (lines, 1 - labels), epochs=30, lr=1e-2)"
        ),
    },
}
