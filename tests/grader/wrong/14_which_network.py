"""Plausible mistakes in exercise 14; each fails its own question."""

EMPTY = """
rows = variant["networks"]
pictures, features, classes = {}
empty_score = {}
"""
LEEP = """
def leep(probabilities, labels):
    seen = probabilities[:, probabilities.sum(axis=0) > 0]
    joint = np.stack([seen[labels == label].sum(axis=0) for label in range(labels.max() + 1)])
    votes = {}
    expected = (seen @ votes.T)[np.arange(len(labels)), labels]
    return {}
"""
BY_REGRET = """
def best_score(scores, accuracies):
    rows = np.arange(len(accuracies))
    regrets = accuracies.max(axis=1, keepdims=True) - accuracies
    means = {{}}
    for name, score in scores.items():
        {}
    best = {}
    return {}
"""
TAKEN = "means[name] = regrets[rows, np.nanargmax(score, axis=1)].mean()"
FIRST = "min(means, key=means.get)"
OR_CHANCE = 'best if means[best] < regrets.mean() else "chance"'
TAKE = """
def take_and_tune(networks, images, labels):
    score = tl.methods.transferability.score_network
    found = {{n: score("LEEP", network(s), images, labels) for n, s in networks.items()}}
    order = sorted(found, key=found.get, reverse=True)
    name = {}
    model = network(networks[name])
    model = tl.add_lora(tl.with_head(model, model.classes), rank={}, alpha=8.0)
    {}
    return name, tl.training.task_state(model)
"""
HEAD_FIRST = (
    "tl.fit(tl.freeze(model), (images, labels), epochs=10, lr=1e-2, batch_size=16)\n"
    "    tl.fit(tl.unfreeze(model), (images, labels), epochs=10, lr=1e-3, batch_size=16)"
)

WRONG = {
    "empty_score": {
        "the number of classes": EMPTY.format("max(rows, key=lambda r: r[1] / r[0])", "classes"),
        "of the most features": EMPTY.format("max(rows, key=lambda r: r[1])", "classes - 1"),
        "of the fewest pictures": EMPTY.format("min(rows)", "classes - 1"),
        "of the most classes": EMPTY.format("max(rows, key=lambda r: r[2])", "classes - 1"),
        "features for each picture": EMPTY.format(
            "max(rows, key=lambda r: r[1] / r[0])", "features / pictures"
        ),
    },
    "leep": {
        "source classes that are never seen give NaN": """
def leep(probabilities, labels):
    joint = np.stack([probabilities[labels == k].sum(axis=0) for k in range(labels.max() + 1)])
    with np.errstate(invalid="ignore"):
        expected = probabilities @ (joint / joint.sum(axis=0)).T
    return np.log(expected[np.arange(len(labels)), labels]).mean()
""",
        "votes add up over source classes": LEEP.format(
            "joint / joint.sum(axis=1, keepdims=True)", "np.log(expected).mean()"
        ),
        "no votes, but the joint distribution": LEEP.format(
            "joint / len(labels)", "np.log(expected).mean()"
        ),
        "the logarithm of the mean": LEEP.format(
            "joint / joint.sum(axis=0)", "np.log(expected.mean())"
        ),
        "not divided by the pictures": LEEP.format(
            "joint / joint.sum(axis=0)", "np.log(expected).sum()"
        ),
        "the head's first choice only": """
def leep(probabilities, labels):
    seen = np.eye(probabilities.shape[1])[probabilities.argmax(axis=1)]
    joint = np.stack([seen[labels == label].sum(axis=0) for label in range(labels.max() + 1)])
    expected = seen @ np.nan_to_num(joint / np.maximum(joint.sum(axis=0), 1)).T
    return np.log(expected[np.arange(len(labels)), labels]).mean()
""",
    },
    "best_score": {
        "NaN is taken for the best": BY_REGRET.format(
            "means[name] = regrets[rows, score.argmax(axis=1)].mean()", FIRST, OR_CHANCE
        ),
        "the lowest score is taken": BY_REGRET.format(
            "means[name] = regrets[rows, np.nanargmin(score, axis=1)].mean()", FIRST, OR_CHANCE
        ),
        "the largest regret": BY_REGRET.format(TAKEN, "max(means, key=means.get)", OR_CHANCE),
        "never by chance": BY_REGRET.format(TAKEN, FIRST, "best"),
        "the last of equals": BY_REGRET.format(
            TAKEN, "min(reversed(means), key=means.get)", OR_CHANCE
        ),
        "one network for all seeds": BY_REGRET.format(
            "means[name] = regrets.mean(axis=0)[np.nanmean(score, axis=0).argmax()]",
            FIRST,
            OR_CHANCE,
        ),
        "the worst seed": BY_REGRET.format(TAKEN.replace("mean()", "max()"), FIRST, OR_CHANCE),
        "the best correlation": BY_REGRET.format(
            "known = ~np.isnan(score)\n"
            "        means[name] = -np.corrcoef(score[known], accuracies[known])[0, 1]",
            FIRST,
            'best if means[best] < 0 else "chance"',
        ),
    },
    "take_and_tune": {
        "the second best by LEEP": TAKE.format("order[1]", 1, HEAD_FIRST),
        "the last by LEEP": TAKE.format("order[-1]", 1, HEAD_FIRST),
        "always the same name": TAKE.format('"A"', 1, HEAD_FIRST),
        "whichever the old head reads best": TAKE.format(
            "max(networks, key=lambda n: tl.evaluate(network(networks[n]), (images, labels)))",
            1,
            HEAD_FIRST,
        ),
        "too high a rank": TAKE.format("order[0]", 2, HEAD_FIRST),
        "a high rate for long": TAKE.format(
            "order[0]",
            1,
            "tl.fit(model, (images, labels), epochs=30, lr=5e-2, batch_size=16)",
        ),
        "nothing learnt": TAKE.format("order[0]", 1, "pass"),
        "no name": TAKE.format("order[0]", 1, HEAD_FIRST).replace("return name, ", "return "),
    },
}
