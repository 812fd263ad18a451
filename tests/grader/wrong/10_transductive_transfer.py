"""Plausible mistakes in exercise 10; each fails its own question."""

CLOSED = """
low, now, high = (np.array(variant[k]) for k in ("source only", "adapted", "target-trained"))
share_closed = float({})
"""
M_STEP = """
def m_step(X, y, heap, chance, alpha):
    sure = np.eye(chance.shape[1])[y]
    {}
"""
REACHED = """
def never_reached(graph, labels):
    known = np.asarray(labels) >= 0
    {}
"""
TARGET = """
def adapt_classifier(state, source, labels, target, share):
    from sklearn.linear_model import LogisticRegression

    model = network(state)
    home, away = (tl.encode(model, pages, device="cpu").numpy() for pages in (source, target))
    probe = LogisticRegression(C=0.1, max_iter=1000).fit(home, labels)
    weight, scores = probe.coef_[0], away @ probe.coef_[0]
    return {{"weight": weight, "bias": float({})}}
"""

WRONG = {
    "share_closed": {
        "of the upper bound, not of the gap": CLOSED.format(
            "(now.mean() - low.mean()) / high.mean()"
        ),
        "the accuracy, not the gain": CLOSED.format("now.mean() / high.mean()"),
        "what is still open": CLOSED.format(
            "(high.mean() - now.mean()) / (high.mean() - low.mean())"
        ),
        "the best seed": CLOSED.format("(now.max() - low.max()) / (high.max() - low.max())"),
        "in per cent points": CLOSED.format("now.mean() - low.mean()"),
    },
    "m_step": {
        "hard labels": M_STEP.format(
            "counts = sure.T @ X + np.eye(len(chance.T))[chance.argmax(1)].T @ heap + alpha; "
            "return counts / counts.sum(1, keepdims=True)"
        ),
        "the source forgotten": M_STEP.format(
            "counts = chance.T @ heap + alpha; return counts / counts.sum(1, keepdims=True)"
        ),
        "no smoothing": M_STEP.format(
            "counts = sure.T @ X + chance.T @ heap; return counts / counts.sum(1, keepdims=True)"
        ),
        "smoothed after dividing": M_STEP.format(
            "counts = sure.T @ X + chance.T @ heap; "
            "return (counts / counts.sum(1, keepdims=True)) + alpha"
        ),
        "each word sums to one": M_STEP.format(
            "counts = sure.T @ X + chance.T @ heap + alpha; "
            "return counts / counts.sum(0, keepdims=True)"
        ),
        "the heap counts as one row": M_STEP.format(
            "counts = sure.T @ X + (chance.T @ heap) / max(len(heap), 1) + alpha; "
            "return counts / counts.sum(1, keepdims=True)"
        ),
    },
    "never_reached": {
        "one step only": REACHED.format(
            "return [k for k in range(len(known)) if not known[k] and not (graph[k] @ known)]"
        ),
        "three steps only": REACHED.format(
            "for _ in range(3): known = known | (graph @ known > 0)\n"
            "    return np.flatnonzero(~known).tolist()"
        ),
        "lone nodes only": REACHED.format(
            "return [k for k in range(len(known)) if not known[k] and not graph[k].any()]"
        ),
        "all without a label": REACHED.format("return np.flatnonzero(~known).tolist()"),
        "those that are reached": REACHED.format(
            "start = known\n"
            "    for _ in range(len(known)): known = known | (graph @ known > 0)\n"
            "    return np.flatnonzero(known & ~start).tolist()"
        ),
    },
    "adapt_classifier": {
        "the source's probe as it is": TARGET.format("probe.intercept_[0]"),
        "the means aligned": TARGET.format(
            "probe.intercept_[0] + (home.mean(0) - away.mean(0)) @ weight"
        ),
        "half of the pages, as in the source": TARGET.format("-np.median(scores)"),
        "the share of class 0": TARGET.format("-np.quantile(scores, share)"),
        "always the frequent sign": TARGET.format("1e6 if share > 0.5 else -1e6"),
        "self-training without a new threshold": """
def adapt_classifier(state, source, labels, target, share):
    from sklearn.linear_model import LogisticRegression

    model = network(state)
    home, away = (tl.encode(model, pages, device="cpu").numpy() for pages in (source, target))
    probe = LogisticRegression(C=0.1, max_iter=1000).fit(home, labels)
    codes, answers = np.r_[home, away], np.r_[labels, probe.predict(away)]
    again = LogisticRegression(C=0.1, max_iter=1000).fit(codes, answers)
    return {"weight": again.coef_[0], "bias": float(again.intercept_[0])}
""",
        "a classifier of pixels": """
def adapt_classifier(state, source, labels, target, share):
    from sklearn.linear_model import LogisticRegression

    home, away = source.reshape(len(source), -1) / 255, target.reshape(len(target), -1) / 255
    weight = LogisticRegression(C=0.1, max_iter=1000).fit(home, labels).coef_[0]
    return {"weight": weight, "bias": -float(np.quantile(away @ weight, 1 - share))}
""",
    },
}
