"""Plausible mistakes in exercise 07; each fails its own question."""

HEAD = """
def fit_head(weights, pictures, labels):
    model = {model}
    {train}
    return model.state_dict()
"""
FRESH = "tl.with_head(network(weights), [str(k) for k in range(10)])"
FIT = "tl.fit(model, (pictures, labels), epochs={}, lr={}, progress=False)"
LOOP = """
    model.stages.requires_grad_(False)
    optimizer = torch.optim.AdamW(model.head.parameters(), 1e-2)
    model.train()
    for _ in range(40):
        loss = torch.nn.functional.cross_entropy(model(pictures), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
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
        "what is new is overlooked": """
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
    "fit_head": {
        "everything is tuned": HEAD.format(model=FRESH, train=FIT.format(10, 3e-3)),
        "batch normalization goes on counting": HEAD.format(model=FRESH, train=LOOP),
        "the highest stage is tuned too": HEAD.format(
            model=f'tl.freeze({FRESH}, through="block3")', train=FIT.format(10, 3e-3)
        ),
        "five epochs at the default rate": HEAD.format(
            model=f"tl.freeze({FRESH})", train=FIT.format(5, 1e-3)
        ),
        "the old head": "def fit_head(weights, pictures, labels):\n    return weights",
        "the head alone comes back": """
def fit_head(weights, pictures, labels):
    model = tl.freeze(network(weights))
    tl.fit(model, (pictures, labels), epochs=40, lr=1e-2, progress=False)
    return model.head.state_dict()
""",
    },
}
