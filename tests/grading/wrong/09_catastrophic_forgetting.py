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
def learn_new_digits(state, old_images, old_labels, new_images, new_labels):
    from sklearn.linear_model import LogisticRegression

    images = np.concatenate([old_images, new_images])
    labels = np.concatenate([old_labels, new_labels])
    {}
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
    "learn_new_digits": {
        "nothing learnt": LEARN.format("return state"),
        "new digits alone": LEARN.format(
            "c = LogisticRegression().fit(new_images, new_labels); w = np.zeros_like("
            "state['weight']); b = np.full(10, -9.0); w[c.classes_] = c.coef_; "
            "b[c.classes_] = c.intercept_; return {'weight': w, 'bias': b}"
        ),
        "old and new rows side by side": LEARN.format(
            "c = LogisticRegression().fit(new_images, new_labels); w = state['weight'].copy(); "
            "b = state['bias'].copy(); w[c.classes_] = c.coef_; b[c.classes_] = c.intercept_; "
            "return {'weight': w, 'bias': b}"
        ),
        "few among many": LEARN.format(
            "c = LogisticRegression(C=0.3).fit(images, labels); "
            "return {'weight': c.coef_, 'bias': c.intercept_}"
        ),
        "old pictures alone": LEARN.format(
            "c = LogisticRegression().fit(old_images, old_labels); w = np.zeros_like("
            "state['weight']); b = np.full(10, -9.0); w[c.classes_] = c.coef_; "
            "b[c.classes_] = c.intercept_; return {'weight': w, 'bias': b}"
        ),
    },
}
