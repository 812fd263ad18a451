"""Plausible mistakes in exercise 09; each fails its own question."""

FORGETTING = """
table = np.array(variant["accuracies"])
mean_forgetting = {}
"""
FISHER = """
def fisher_information(weights, codes):
    scores = codes @ weights.T
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return {}
"""
FORGOT = """
def who_forgot(before, after, inputs, labels):
    def accuracy(state):
        return (predict(state, inputs) == labels).mean()

    def without(names):
        return accuracy({{**after, **{{name: before[name] for name in names}}}})

    fell = accuracy(before) - accuracy(after)
    {}
"""
LEARN = """
def learn_new_script(state, images, labels):
    model = network(state)
    new = tl.with_head(model, model.classes)
    {}
    return new.state_dict()
"""

WRONG = {
    "mean_forgetting": {
        "from when it was learnt": FORGETTING.format("(table.diagonal() - table[-1])[:-1].mean()"),
        "the last task counted too": FORGETTING.format("(table.max(axis=0) - table[-1]).mean()"),
        "the first task alone": FORGETTING.format("table[:, 0].max() - table[-1, 0]"),
        "rows and columns mixed up": FORGETTING.format(
            "(table[:, :-1].max(axis=1) - table[:, -1])[:-1].mean()"
        ),
        "what is kept": FORGETTING.format("table[-1, :-1].mean()"),
    },
    "fisher_information": {
        "added up, not averaged": FISHER.format("(p * (1 - p)).T @ codes**2"),
        "the square forgotten": FISHER.format("(p * (1 - p)).T @ codes / len(codes)"),
        "the square of the mean": FISHER.format("((p * (1 - p)).T @ codes / len(codes)) ** 2"),
        "the label that is likeliest": FISHER.format(
            "((np.eye(len(weights))[p.argmax(axis=1)] - p) ** 2).T @ codes**2 / len(codes)"
        ),
        "the same for every class": FISHER.format(
            "np.ones((len(weights), 1)) * (p * (1 - p)).sum(axis=1) @ codes**2 / len(codes)"
        ),
        "very sure scores overflow": """
def fisher_information(weights, codes):
    e = np.exp(codes @ weights.T)
    p = e / e.sum(axis=1, keepdims=True)
    return (p * (1 - p)).T @ codes**2 / len(codes)
""",
    },
    "who_forgot": {
        "the part that moved most": FORGOT.format(
            "far = {p: sum(np.square(after[n] - before[n]).sum() for n in PARTS[p]) for p in PARTS}"
            "; return 'nothing' if fell < 0.10 else max(far, key=far.get)"
        ),
        "always a culprit": FORGOT.format("return max(PARTS, key=lambda p: without(PARTS[p]))"),
        "one of its two tensors alone": FORGOT.format(
            "return 'nothing' if fell < 0.10 else max(PARTS, key=lambda p: without(PARTS[p][:1]))"
        ),
        "whatever brings back least": FORGOT.format(
            "return 'nothing' if fell < 0.10 else min(PARTS, key=lambda p: without(PARTS[p]))"
        ),
        "buffers are no part of it": FORGOT.format(
            "return 'nothing' if fell < 0.10 else "
            "max(['weights', 'head'], key=lambda p: without(PARTS[p]))"
        ),
    },
    "learn_new_script": {
        "the head alone": LEARN.format(
            "tl.fit(tl.freeze(new), (images, labels), epochs=10, lr=1e-2, batch_size=64)"
        ),
        "everything at a high rate": LEARN.format(
            "tl.fit(new, (images, labels), epochs=5, lr=1e-2, batch_size=64)"
        ),
        "the head first, then as fast again": LEARN.format(
            "tl.fit(tl.freeze(new), (images, labels), epochs=2, lr=1e-2, batch_size=64)\n"
            "    tl.fit(tl.unfreeze(new), (images, labels), epochs=5, lr=1e-2, batch_size=64)"
        ),
        "only the state of the stages": """
def learn_new_script(state, images, labels):
    model = network(state)
    tl.fit(model, (images, labels), epochs=1, lr=3e-4, batch_size=64)
    return model.stages.state_dict()
""",
        "nothing learnt": """
def learn_new_script(state, images, labels):
    return state
""",
    },
}
