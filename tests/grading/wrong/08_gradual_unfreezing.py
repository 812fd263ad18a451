"""Plausible mistakes in exercise 08; each fails its own question."""

STAGE1 = """
v = variant
batches = -(-v["images"] // v["batch_size"])
left_for_stage1 = {}
"""
TRIANGLE = """
def slanted_triangle(steps, rise, lr, ratio):
    height = [{} for t in range(steps)]
    return [{} for p in height]
"""
RISE = "t / rise if t < rise else 1 - (t - rise) / (steps - rise)"
RATE = "lr * (1 + p * (ratio - 1)) / ratio"
AUDIT = """
def woke_too_early(parts, snapshots):
    found = []
    for epoch in range(len(snapshots) - 1):
        asleep = {asleep}
        before, after = {before}, snapshots[epoch + 1]
        changed = [n for n in before if {changed}]
        found.append([p for p in asleep if any({of_part} for n in changed)])
    return found
"""
RIGHT = {
    "asleep": "parts[: max(len(parts) - 1 - epoch, 0)]",
    "before": "snapshots[epoch]",
    "changed": "not np.array_equal(before[n], after[n])",
    "of_part": "n.split('.')[0] == p",
}
GAIN = """
def fair_gain(validation, test, way, baseline):
    from scipy.stats import ttest_1samp, ttest_ind

    rate = {{name: {} for name in (way, baseline)}}
    one, two = test[way][rate[way]], test[baseline][rate[baseline]]
    low, high = {}.confidence_interval(0.95)
    return [{}, low, high]
"""
OWN = "validation[name].mean(axis=1).argmax()"
PAIRS = "ttest_1samp(one - two, 0)"
MEAN = "(one - two).mean()"

WRONG = {
    "left_for_stage1": {
        "stage 1 wakes an epoch early": STAGE1.format(
            '[(v["epochs"] - v["stages"] + 1) * batches, v["factor"] ** v["stages"]]'
        ),
        "the smaller batch forgotten": STAGE1.format(
            '[(v["epochs"] - v["stages"]) * (batches - 1), v["factor"] ** v["stages"]]'
        ),
        "counts epochs": STAGE1.format('[v["epochs"] - v["stages"], v["factor"] ** v["stages"]]'),
        "the factor does not compound": STAGE1.format(
            '[(v["epochs"] - v["stages"]) * batches, v["factor"] * v["stages"]]'
        ),
        "the highest stage as fast as the head": STAGE1.format(
            '[(v["epochs"] - v["stages"]) * batches, v["factor"] ** (v["stages"] - 1)]'
        ),
    },
    "slanted_triangle": {
        "rises and falls from zero": TRIANGLE.format(RISE, "lr * p"),
        "falls over all steps": TRIANGLE.format(
            "t / rise if t < rise else 1 - (t - rise) / steps", RATE
        ),
        "divides by a rise of zero": TRIANGLE.format(
            "min(t / rise, 1 - (t - rise) / (steps - rise))", RATE
        ),
        "reaches the lowest rate at the last step": TRIANGLE.format(
            "t / rise if t < rise else 1 - (t - rise) / max(steps - 1 - rise, 1)", RATE
        ),
        "steps counted from one": TRIANGLE.format(RISE, RATE).replace(
            "range(steps)", "range(1, steps + 1)"
        ),
    },
    "woke_too_early": {
        "compares with the start": AUDIT.format(**RIGHT | {"before": "snapshots[0]"}),
        "wakes from the bottom up": AUDIT.format(**RIGHT | {"asleep": "parts[epoch + 1 :]"}),
        "the head asleep in the first epoch": AUDIT.format(
            **RIGHT | {"asleep": "parts[: max(len(parts) - epoch, 0)]"}
        ),
        "a negative end, once all are awake": AUDIT.format(
            **RIGHT | {"asleep": "parts[: len(parts) - 1 - epoch]"}
        ),
        "tolerates small changes": AUDIT.format(
            **RIGHT | {"changed": "not np.allclose(before[n], after[n])"}
        ),
        "weights only": AUDIT.format(
            **RIGHT | {"changed": "n.endswith('weight') and " + RIGHT["changed"]}
        ),
        "stage11 begins with stage1": AUDIT.format(**RIGHT | {"of_part": "n.startswith(p)"}),
    },
    "fair_gain": {
        "rates chosen on the test": GAIN.format("test[name].mean(axis=1).argmax()", PAIRS, MEAN),
        "one rate for both": GAIN.format(OWN.replace("name", "way"), PAIRS, MEAN),
        "the rate of the luckiest seed": GAIN.format(
            "validation[name].max(axis=1).argmax()", PAIRS, MEAN
        ),
        "not in pairs": GAIN.format(OWN, "ttest_ind(one, two)", MEAN),
        "the gain on validation": GAIN.format(
            OWN, PAIRS, "validation[way].mean(1).max() - validation[baseline].mean(1).max()"
        ),
    },
}
