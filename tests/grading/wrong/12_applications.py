"""Plausible mistakes in exercise 12; each fails its own question."""

SHARE = """
v = variant
found, harmless = v["recall"] * v["break_ins"], v["records"] - v["break_ins"]
true_share = {}
"""
COST = """
def least_cost(labels, scores, miss, false_alarm):
    thresholds = {thresholds}
    return min(
        {miss} * sum((s {below} t) and y == 1 for s, y in zip(scores, labels))
        + {false} * sum(not (s {below} t) and y == 0 for s, y in zip(scores, labels))
        for t in thresholds
    )
"""
RIGHT = {
    "thresholds": "[*scores, np.inf]",
    "miss": "miss",
    "false": "false_alarm",
    "below": "<",
}
FAIR = """
def fair_rows(train, train_types, test, test_types):
    seen, kept = {seen}, []
    for k, row in enumerate(map(tuple, test.tolist())):
        if {good}:
            kept.append(k)
        {then}
    return kept
"""
SEEN = "{tuple(row) for row in train.tolist()}"
GOOD = "test_types[k] not in train_types and row not in seen"
FILTER = """
def set_filter(rows, spam):
    from sklearn.linear_model import LogisticRegression

    classifier = LogisticRegression(C=0.1, max_iter=1000).fit(rows, spam)
    weight, scores = classifier.coef_[0], rows @ classifier.coef_[0]
    return {{"weight": {}, "threshold": float({})}}
"""

WRONG = {
    "true_share": {
        "the recall": SHARE.format('v["recall"]'),
        "the share of break-ins": SHARE.format('v["break_ins"] / v["records"]'),
        "true alarms to false ones": SHARE.format('found / (v["false_alarm_rate"] * harmless)'),
        "one minus the false-alarm rate": SHARE.format('1 - v["false_alarm_rate"]'),
        "the rates, whatever the numbers": SHARE.format(
            'v["recall"] / (v["recall"] + v["false_alarm_rate"])'
        ),
    },
    "least_cost": {
        "somebody must raise an alarm": COST.format(**RIGHT | {"thresholds": "scores"}),
        "costs exchanged": COST.format(**RIGHT | {"miss": "false_alarm", "false": "miss"}),
        "the usual threshold": COST.format(**RIGHT | {"thresholds": "[0.5]"}),
        "an alarm above the threshold only": COST.format(
            **RIGHT | {"thresholds": "[*scores, np.inf]", "below": "<="}
        ),
        "equal scores parted": """
def least_cost(labels, scores, miss, false_alarm):
    order = np.argsort(-scores)
    y = labels[order]
    caught, false = np.r_[0, np.cumsum(y == 1)], np.r_[0, np.cumsum(y == 0)]
    return float(np.min(miss * (np.sum(labels) - caught) + false_alarm * false))
""",
        "every mistake counts once": COST.format(**RIGHT | {"miss": "1", "false": "1"}),
    },
    "fair_rows": {
        "types only": FAIR.format(seen="set()", good="test_types[k] not in train_types", then=""),
        "copies of training only": FAIR.format(seen=SEEN, good="row not in seen", then=""),
        "twins in the test stay": FAIR.format(seen=SEEN, good=GOOD, then=""),
        "no look at training rows": FAIR.format(seen="set()", good=GOOD, then="seen.add(row)"),
        "the rows that leak": FAIR.format(seen=SEEN, good=f"not ({GOOD})", then="seen.add(row)"),
        "rows alike in one column": FAIR.format(
            seen="set(train[:, 0].tolist())",
            good="test_types[k] not in train_types and row[0] not in seen",
            then="seen.add(row[0])",
        ),
    },
    "set_filter": {
        "the usual threshold": FILTER.format("weight", "-classifier.intercept_[0]"),
        "nothing is deleted": FILTER.format("weight", "scores.max() + 1000"),
        "as much is deleted as there is spam": FILTER.format(
            "weight", "np.quantile(scores, 1 - spam.mean())"
        ),
        "costs exchanged": FILTER.format(
            "weight",
            "min(np.unique(scores), key=lambda t: 15 * np.sum((scores < t) & (spam == 1))"
            " + np.sum((scores >= t) & (spam == 0)))",
        ),
        "95 of 100 spams are caught": FILTER.format(
            "weight", "np.quantile(scores[spam == 1], 0.05)"
        ),
        "the good mail is deleted": FILTER.format("-weight", "classifier.intercept_[0] + 2"),
    },
}
