"""Plausible mistakes in exercise 03; each fails its own question."""

COSINE = """
def gradient_cosine(first, second):
    shared = sorted(first.keys() & second.keys())
    one = np.concatenate([np.ravel(first[n]) for n in shared] or [np.zeros(1)])
    two = np.concatenate([np.ravel(second[n]) for n in shared] or [np.zeros(1)])
    length = np.linalg.norm(one) * np.linalg.norm(two)
    return {}
"""
COINS = """
def coins(pictures, answers):
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    half = len(pictures) // 2
    return sorted(n for n, y in answers.items() if {})
"""
DIGITS = """
def predict_digits(few, digits, many, answers, new):
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    {}
"""

WRONG = {
    "parameters": {
        "a trunk for each task": 'parameters = 3 * variant["trunk"] '
        '+ (variant["width"] + 1) * sum(variant["classes"])',
        "no biases": 'parameters = variant["trunk"] + variant["width"] * sum(variant["classes"])',
        "one head only": 'parameters = variant["trunk"] '
        '+ (variant["width"] + 1) * variant["classes"][0]',
    },
    "gradient_cosine": {
        "the product without the lengths": COSINE.format("float(one @ two)"),
        "one length only": COSINE.format("float(one @ two / np.linalg.norm(one))"),
        "not a number where there is no length": COSINE.format("float(one @ two / length)"),
        "the distance instead": COSINE.format("float(1 - one @ two / length) if length else 0.0"),
        "the heads' lengths as well": """
def gradient_cosine(first, second):
    def norm(g):
        return np.sqrt(sum((v**2).sum() for v in g.values()))

    shared = first.keys() & second.keys()
    length = norm(first) * norm(second)
    return sum((first[n] * second[n]).sum() for n in shared) / length if length else 0.0
""",
    },
    "coins": {
        "tested on what was learnt": COINS.format(
            "KNeighborsClassifier(1).fit(pictures, y).score(pictures, y) < 0.7"
        ),
        "accuracy, and loaded coins look good": COINS.format(
            "LogisticRegression(max_iter=200).fit(pictures[:half], y[:half])"
            ".score(pictures[half:], y[half:]) < 0.7"
        ),
        "whatever is not balanced": COINS.format("abs(y.mean() - 0.5) > 0.1"),
    },
    "predict_digits": {
        "the few alone": DIGITS.format(
            "return LogisticRegression(C=10, max_iter=500).fit(few, digits).predict(new)"
        ),
        "the answers alone": DIGITS.format(
            "j = [SVC(C=10).fit(many, y) for y in answers.values()]; "
            "code = lambda x: np.column_stack([c.decision_function(x) for c in j]); "
            "return LogisticRegression(max_iter=500).fit(code(few), digits).predict(code(new))"
        ),
        "the answer taken for the digit": DIGITS.format(
            'return SVC().fit(many, answers["odd"]).predict(new)'
        ),
    },
}
