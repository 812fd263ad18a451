"""Plausible mistakes in exercise 04; each fails its own question."""

TOP = """
def top_k_accuracy(scores, labels, k):
    {}
"""
NOUN = """
def noun_probability(parents, probabilities, noun):
    {}
"""
ORDER = """
def class_order(scores, labels):
    classes = range(scores.shape[1])
    means = np.array([scores[labels == c].mean(0) for c in classes])
    sums = np.array([scores[labels == c].sum(0) for c in classes])
    return {}
"""

WRONG = {
    "days_on_one": {
        "hours": 'days_on_one = variant["gpus"] * variant["minutes"] / 60',
        "days of twelve hours": 'days_on_one = variant["gpus"] * variant["minutes"] / 60 / 12',
        "minutes taken for hours": 'days_on_one = variant["gpus"] * variant["minutes"] / 24',
    },
    "top_k_accuracy": {
        "the lowest scores": TOP.format(
            "best = scores.argsort(1)[:, :k]; return (best == labels[:, None]).any(1).mean()"
        ),
        "one too many": TOP.format(
            "best = (-scores).argsort(1)[:, : k + 1]; "
            "return (best == labels[:, None]).any(1).mean()"
        ),
        "the k-th alone": TOP.format("return ((-scores).argsort(1)[:, k - 1] == labels).mean()"),
        "a number, not a share": TOP.format(
            "best = (-scores).argsort(1)[:, :k]; return (best == labels[:, None]).any(1).sum()"
        ),
        "divided by k": TOP.format(
            "best = (-scores).argsort(1)[:, :k]; return (best == labels[:, None]).mean()"
        ),
    },
    "noun_probability": {
        "children only": NOUN.format(
            "return sum(p for n, p in probabilities.items() if parents[n] == noun)"
        ),
        "itself only": NOUN.format("return probabilities.get(noun, 0.0)"),
        "one step down at most": NOUN.format(
            "return sum(p for n, p in probabilities.items() if noun in (n, parents[n]))"
        ),
        "everything has the probability one": NOUN.format("return sum(probabilities.values())"),
    },
    "class_order": {
        "as they stand": ORDER.format("list(classes)"),
        "class to column": ORDER.format("(means - scores.mean(0)).argmax(1).tolist()"),
        "high columns win": ORDER.format("means.argmax(1).tolist()"),
        "frequent classes win": ORDER.format("sums.argmax(0).tolist()"),
    },
}
