"""Plausible mistakes in exercise 07; each fails its own question."""

LINEAR = """
def predict_labels(codes, labels, unlabelled):
    from sklearn.linear_model import LogisticRegression
    {}
"""

WRONG = {
    "trainable_tensors": {
        "forgets the head": "trainable_tensors = sum(p.requires_grad "
        "for p in small_network().stages.parameters())",
        "counts weights, not tensors": "trainable_tensors = sum(p.numel() "
        "for p in small_network().parameters() if p.requires_grad)",
        "counts what is frozen": "trainable_tensors = sum(not p.requires_grad "
        "for p in small_network().parameters())",
        "one layer a block": 'trainable_tensors = 4 + 2 * (3 - int(variant["through"][-1]))',
        "a bias for every convolution": "trainable_tensors = 4 + 8 * "
        '(3 - int(variant["through"][-1]))',
    },
    "trainable_names": {
        "stage10 begins with stage1": """
def trainable_names(names, stages, through):
    last = -1 if through is None else stages.index(through)
    frozen = stages[: last + 1]
    return [n for n in names if not any(n.startswith(s) for s in frozen)]
""",
        "the named stage itself stays trainable": """
def trainable_names(names, stages, through):
    last = 0 if through is None else stages.index(through)
    return [n for n in names if n.split(".")[0] not in stages[:last]]
""",
        "None freezes everything": """
def trainable_names(names, stages, through):
    last = len(stages) - 1 if through is None else stages.index(through)
    return [n for n in names if n.split(".")[0] not in stages[: last + 1]]
""",
        "returns what is frozen": """
def trainable_names(names, stages, through):
    last = -1 if through is None else stages.index(through)
    return [n for n in names if n.split(".")[0] in stages[: last + 1]]
""",
    },
    "moved_although_frozen": {
        "tolerates small changes": """
def moved_although_frozen(before, after, frozen):
    return sorted(
        n for n in before
        if n.split(".")[0] == frozen
        and not np.allclose(before[n], after.get(n, np.inf), equal_nan=True)
    )
""",
        "looks at weights and biases only": """
def moved_although_frozen(before, after, frozen):
    return sorted(
        n for n in before
        if n.split(".")[0] == frozen
        and n.endswith(("weight", "bias"))
        and not np.array_equal(before[n], after.get(n))
    )
""",
        "a prefix that is too long": """
def moved_although_frozen(before, after, frozen):
    return sorted(
        n for n in before
        if n.startswith(frozen)
        and not np.array_equal(before[n], after.get(n, np.inf), equal_nan=True)
    )
""",
        "what came anew is overlooked": """
def moved_although_frozen(before, after, frozen):
    return sorted(
        n for n in before
        if n.split(".")[0] == frozen
        and not np.array_equal(before[n], after.get(n, np.inf), equal_nan=True)
    )
""",
        "the head as well": """
def moved_although_frozen(before, after, frozen):
    return sorted(
        n for n in before if not np.array_equal(before[n], after.get(n, np.inf), equal_nan=True)
    )
""",
        "NaN differs from NaN": """
def moved_although_frozen(before, after, frozen):
    return sorted(
        n for n in before
        if n.split(".")[0] == frozen and not np.array_equal(before[n], after.get(n, np.inf))
    )
""",
    },
    "predict_labels": {
        "no scaling": LINEAR.format(
            "return LogisticRegression(max_iter=50).fit(codes, labels).predict(unlabelled)"
        ),
        "nearest neighbour on raw codes": """
def predict_labels(codes, labels, unlabelled):
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(1).fit(codes, labels).predict(unlabelled)
""",
        "the most frequent label": """
def predict_labels(codes, labels, unlabelled):
    return np.full(len(unlabelled), np.bincount(labels).argmax())
""",
        "what has no labels is not scaled": """
def predict_labels(codes, labels, unlabelled):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaled = StandardScaler().fit_transform(codes)
    return LogisticRegression().fit(scaled, labels).predict(unlabelled)
""",
    },
}
