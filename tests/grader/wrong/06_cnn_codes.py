"""Plausible mistakes in exercise 06; each fails its own question."""

LENGTHS = """
channels, side = 8 * 2 ** variant["block"], variant["size"] // 2 ** variant["block"]
classes = variant["classes"]
code_lengths = {}
"""
NEIGHBOURS = """
def neighbours(codes, queries, k):
    known, asked = (x.reshape(*x.shape[:2], -1){pool} for x in (codes, queries))
    {scale}
    distances = np.square(asked[:, None] - known[None]).sum(axis=2)
    return {nearest}
"""
SCALE = (
    "s = known.std(axis=0); m = known.mean(axis=0); a = s > 0; "
    "known, asked = ((x - m)[:, a] / s[a] for x in (known, asked))"
)
RIGHT = {
    "pool": ".mean(axis=2)",
    "scale": SCALE,
    "nearest": "distances.argsort(axis=1)[:, :k]",
}
REPORT = """
def what_was_done(validation, test, report):
    best = max(validation, key=lambda depth: validation[depth].{how}())
    on_test = max(test, key=lambda depth: test[depth].mean())
    numbers = {{
        "honest": test[best].mean(),
        "validation reported": validation[best].mean(),
        "best draw": test[best].max(),
    }}
    nearest = min(numbers, key=lambda name: abs(numbers[name] - report["accuracy"]))
    return {answer}
"""
OTHER = "'chosen on test' if report['depth'] != best else "
READ = """
def read_off(depths, labels, unlabelled):
    from sklearn.linear_model import RidgeClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    probe = make_pipeline(StandardScaler(), RidgeClassifier({alpha}))
    best = {best}
    return probe.fit(depths[best], labels).predict(unlabelled[best])
"""

WRONG = {
    "code_lengths": {
        "one halving too few": LENGTHS.format(
            "[channels * (2 * side) ** 2, channels, channels * classes]"
        ),
        "height or width alone": LENGTHS.format("[channels * side, channels, channels * classes]"),
        "averaged over the channels": LENGTHS.format(
            "[channels * side**2, side**2, side**2 * classes + 1]"
        ),
        "with the biases": LENGTHS.format(
            "[channels * side**2, channels, (channels + 1) * classes]"
        ),
    },
    "neighbours": {
        "not scaled": NEIGHBOURS.format(**RIGHT | {"scale": "pass"}),
        "queries scaled by their own numbers": NEIGHBOURS.format(
            **RIGHT
            | {
                "scale": "a = known.std(axis=0) > 0; known, asked = (((x - x.mean(axis=0)) "
                "/ np.maximum(x.std(axis=0), 1e-9))[:, a] for x in (known, asked))"
            }
        ),
        "a dead channel divides by zero": NEIGHBOURS.format(
            **RIGHT
            | {
                "scale": "s = known.std(axis=0); m = known.mean(axis=0); "
                "known, asked = ((x - m) / s for x in (known, asked))"
            }
        ),
        "the largest in place of the average": NEIGHBOURS.format(
            **RIGHT | {"pool": ".max(axis=2)"}
        ),
        "the farthest first": NEIGHBOURS.format(
            **RIGHT | {"nearest": "(-distances).argsort(axis=1)[:, :k]"}
        ),
        "one neighbour too many": NEIGHBOURS.format(
            **RIGHT | {"nearest": "distances.argsort(axis=1)[:, : k + 1]"}
        ),
    },
    "what_was_done": {
        "best on test is suspect in itself": REPORT.format(
            how="mean", answer="'chosen on test' if report['depth'] == on_test else nearest"
        ),
        "the best depth by its best draw": REPORT.format(how="max", answer=OTHER + "nearest"),
        "looks at the depth alone": REPORT.format(how="mean", answer=OTHER + "'honest'"),
        "looks at the number alone": REPORT.format(how="mean", answer="nearest"),
        "the right depth is honest or a best draw": REPORT.format(
            how="mean",
            answer=OTHER + "('best draw' if nearest != 'honest' else 'honest')",
        ),
    },
    "read_off": {
        "the last depth": READ.format(alpha=10.0, best="list(depths)[-1]"),
        "the lowest block, whatever it holds": READ.format(alpha=10.0, best="list(depths)[1]"),
        "no network": READ.format(alpha=10.0, best="'pixels'"),
        "chosen on the training pictures": READ.format(
            alpha=0.1,
            best="max(depths, key=lambda d: probe.fit(depths[d], labels).score(depths[d], labels))",
        ),
    },
}
