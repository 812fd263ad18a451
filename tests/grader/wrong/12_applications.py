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
ALARM = """
def set_alarm(state, pictures, smuggled):
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    model = tl.load_backbone("small_vgg", weights="random", size=8)
    {before}
    codes = tl.encode(model, pictures, device="cpu").numpy()
    probe = LogisticRegression(C=0.1, max_iter=1000).fit(codes, smuggled)
    weight, scores = probe.coef_[0], codes @ probe.coef_[0]
    unseen = cross_val_predict(probe, codes, smuggled, method="decision_function")
    unseen = unseen - probe.intercept_[0]
    cheapest = tl.methods.alarms.cheapest_threshold
    {then}
    return {{"weight": weight, "threshold": float({threshold})}}
"""
LOADED = {"before": "model.load_state_dict(state)", "then": ""}
CHEAPEST = "cheapest(smuggled, unseen, miss=1, false_alarm=10)"
DRAWN = "weight = np.random.default_rng(0).normal(size=128); unseen = codes @ weight"


def alarm(threshold, **changes):
    """Return an answer with this threshold, otherwise right but for the changes."""
    return ALARM.format(**LOADED | changes, threshold=threshold)


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
    "set_alarm": {
        "the usual threshold": alarm("-probe.intercept_[0]"),
        "a half": alarm("0.5"),
        "nothing is opened": alarm("scores.max() + 1000"),
        "everything is opened": alarm("scores.min() - 1000"),
        "as much is opened as there are smugglers": alarm(
            "np.quantile(scores, 1 - smuggled.mean())"
        ),
        "costs exchanged": alarm("cheapest(smuggled, unseen, miss=10, false_alarm=1)"),
        "both mistakes alike": alarm("cheapest(smuggled, unseen, miss=1, false_alarm=1)"),
        "95 of 100 smugglers are caught": alarm("np.quantile(scores[smuggled == 1], 0.05)"),
        "the harmless are opened": alarm(CHEAPEST, then="weight = -weight; unseen = -unseen"),
        "a network that has learnt nothing": alarm(CHEAPEST, before=""),
        "a direction at random": alarm(CHEAPEST, then=DRAWN),
    },
}
