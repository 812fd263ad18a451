"""Plausible mistakes in exercise 13; each fails its own question."""

BYTES = """
layers, rank = variant["layers"], variant["rank"]
adapter_bytes = {}
"""
MERGED = """
def merged_weight(weight, down, up, alpha):
    return {}
"""
LINE = """
def best_weight(first, second, source, target, floor):
    def accuracy(weights, task):
        codes, labels = task
        return ((codes @ weights.T).argmax(axis=1) == labels).mean()

    found = []
    for weight in np.linspace(0, 1, 11):
        mixed = (1 - weight) * first + weight * second
        found.append((accuracy(mixed, source), accuracy(mixed, target), float(weight)))
    {}
"""
TUNE = """
def tune_on_budget(state, images, labels):
    model = network(state)
    model = tl.add_lora(tl.with_head(model, model.classes), rank={}, alpha=8.0)
    {}
    return tl.training.task_state(model)
"""
HEAD_FIRST = (
    "tl.fit(tl.freeze(model), (images, labels), epochs=10, lr=1e-2, batch_size=64)\n"
    "    tl.fit(tl.unfreeze(model), (images, labels), epochs=10, lr=1e-3, batch_size=64)"
)

WRONG = {
    "adapter_bytes": {
        "the layers themselves": BYTES.format("4 * sum(a * b for a, b in layers)"),
        "numbers, not bytes": BYTES.format("rank * sum(a + b for a, b in layers)"),
        "one of the two matrices": BYTES.format("4 * rank * sum(a for a, _ in layers)"),
        "inputs times outputs": BYTES.format("4 * rank * sum(a * b for a, b in layers)"),
    },
    "merged_weight": {
        "not divided by the rank": MERGED.format("weight + alpha * up @ down"),
        "divided by the outputs": MERGED.format("weight + alpha / len(up) * up @ down"),
        "no scale at all": MERGED.format("weight + up @ down"),
        "the adapter alone": MERGED.format("alpha / len(down) * up @ down"),
        "taken away": MERGED.format("weight - alpha / len(down) * up @ down"),
    },
    "best_weight": {
        "no floor": LINE.format("return max(found, key=lambda row: (row[1], -row[2]))[2]"),
        "the largest weight that keeps the floor": LINE.format(
            "return max([w for s, _, w in found if s >= floor], default=0.0)"
        ),
        "the best on both together": LINE.format(
            "return max([r for r in found if r[0] >= floor] or [(0, 0, 0.0)],"
            " key=lambda row: (row[0] + row[1], -row[2]))[2]"
        ),
        "the floor on the target": LINE.format(
            "return max([r for r in found if r[1] >= floor] or [(0, 0, 0.0)],"
            " key=lambda row: (row[1], -row[2]))[2]"
        ),
        "all the way where none keeps the floor": LINE.format(
            "return max([r for r in found if r[0] >= floor] or [(0, 0, 1.0)],"
            " key=lambda row: (row[1], -row[2]))[2]"
        ),
    },
    "tune_on_budget": {
        "the head alone": TUNE.format(
            1, "tl.fit(tl.freeze(model), (images, labels), epochs=10, lr=1e-2, batch_size=64)\n"
            "    tl.unfreeze(model)"
        ),
        "a high rate for long": TUNE.format(
            1, "tl.fit(model, (images, labels), epochs=20, lr=5e-2, batch_size=64)"
        ),
        "too high a rank": TUNE.format(4, HEAD_FIRST),
        "everything, without adapters": """
def tune_on_budget(state, images, labels):
    model = network(state)
    tl.fit(model, (images, labels), epochs=5, lr=3e-4, batch_size=64)
    return tl.training.task_state(model)
""",
        "nothing learnt": TUNE.format(1, "pass"),
    },
}  # fmt: skip
