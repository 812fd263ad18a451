"""Plausible mistakes in exercise 08; each fails its own question."""

STAGE1 = """
v = variant
batches = -(-v["images"] // v["batch_size"])
left_for_stage1 = {}
"""
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
UNFREEZE = """
def unfreeze_gradually(weights, pictures, labels):
    model = tl.with_head(network(weights), [str(k) for k in range(10)])
    rates, rounds = {rates}, []
    for lowest in {order}:
        {freeze}
        {fit}
        rounds.append({{name: tensor.clone() for name, tensor in model.state_dict().items()}})
    return {answer}
"""
ROUNDS = {
    "rates": "tl.discriminative_rates(list(model.parts), 3e-3, factor=2)",
    "order": '("head", "fc", "block3", "block2")',
    "freeze": "tl.unfreeze(tl.freeze(model), down_to=lowest)",
    "fit": "tl.fit(model, (pictures, labels), epochs=3, lr=rates, batch_size=16, progress=False)",
    "answer": "rounds",
}

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
    "unfreeze_gradually": {
        "all parts at once": UNFREEZE.format(**ROUNDS | {"freeze": "tl.unfreeze(model)"}),
        "from the bottom up": UNFREEZE.format(
            **ROUNDS | {"freeze": "tl.unfreeze(tl.freeze(model, *model.parts), lowest)"}
        ).replace(
            '("head", "fc", "block3", "block2")', '("block1", "block2", "block3", "fc", "head")'
        ),
        "one high rate for all parts": UNFREEZE.format(**ROUNDS | {"rates": "1e-2"}),
        "the head alone": UNFREEZE.format(**ROUNDS | {"freeze": "tl.freeze(model)"}),
        "rates at which nothing is learnt": UNFREEZE.format(**ROUNDS | {"rates": "1e-6"}),
        "the last round only": UNFREEZE.format(**ROUNDS | {"answer": "rounds[-1]"}),
        "rounds that share their tensors": UNFREEZE.format(**ROUNDS).replace(
            "tensor.clone()", "tensor"
        ),
        "sleeping parts in training mode": UNFREEZE.format(
            **ROUNDS
            | {
                "fit": "model.train(); model(pictures); "
                "tl.fit(model, (pictures, labels), epochs=3, lr=rates, progress=False)"
            }
        ),
    },
}
