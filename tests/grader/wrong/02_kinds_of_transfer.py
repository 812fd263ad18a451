"""Plausible mistakes in exercise 02; each fails its own question."""

LIKENESS = """
def likeness(source, target):
    return [{} for c in source]
"""
RULE = """
def breaks_the_rule(runs):
    both = {{"source inputs", "target inputs"}}
    allowed = {{
        "unsupervised": both,
        "transductive": both | {{"source labels"}},
        "inductive": both | {{"source labels", "target labels"}},
    }}
    return {}
"""
ANGLES = """
def predict_angles(source, angles, few, few_angles, new):
    from sklearn.linear_model import LinearRegression, Ridge

    {}
"""

WRONG = {
    "kinds": {
        "all inductive": 'kinds = ["inductive"] * 4',
        "a guess by the first word": 'kinds = ["inductive" if case[0] == "A" else "unsupervised" '
        'for case in variant["cases"]]',
        "semi-supervised for transductive": 'kinds = ["semi-supervised"] * 4',
    },
    "likeness": {
        "upside down": LIKENESS.format(
            "source.count(c) / len(source) / max(target.count(c) / len(target), 1e-9)"
        ),
        "counts, not shares": LIKENESS.format("target.count(c) / source.count(c)"),
        "the target's share alone": LIKENESS.format("target.count(c) / len(target)"),
        "one more of each, so that none is zero": LIKENESS.format(
            "(target.count(c) + 1) / (len(target) + 1) / (source.count(c) / len(source))"
        ),
    },
    "breaks_the_rule": {
        "test inputs are free": RULE.format(
            'sorted(r["name"] for r in runs '
            'if set(r["used"]) - allowed[r["kind"]] - {"test inputs"})'
        ),
        "who uses less is unfair too": RULE.format(
            'sorted(r["name"] for r in runs if set(r["used"]) != allowed[r["kind"]])'
        ),
        "in the order of the log": RULE.format(
            '[r["name"] for r in runs if set(r["used"]) - allowed[r["kind"]]]'
        ),
        "unsupervised may use the source's labels": RULE.format(
            'sorted(r["name"] for r in runs if set(r["used"]) - allowed[r["kind"]] '
            '- ({"source labels"} if r["kind"] == "unsupervised" else set()))'
        ),
    },
    "predict_angles": {
        "the source alone": ANGLES.format(
            "return LinearRegression().fit(source, angles).predict(new)"
        ),
        "eight labels alone": ANGLES.format("return Ridge().fit(few, few_angles).predict(new)"),
        "averages aligned": ANGLES.format(
            "moved = source - source.mean(0) + new.mean(0); "
            "return LinearRegression().fit(moved, angles).predict(new)"
        ),
        "all in one pot": ANGLES.format(
            "return LinearRegression().fit(np.vstack([source, few]), "
            "np.hstack([angles, few_angles])).predict(new)"
        ),
        "corrected the wrong way": ANGLES.format(
            "m = LinearRegression().fit(source, angles); "
            "return m.predict(new) - (few_angles - m.predict(few)).mean()"
        ),
    },
}
