"""The rubric of exercise 12: what an alarm is worth, and what nobody has seen."""

import numpy as np

import cs826tl as tl
from cs826tl_grader import Case, Function, Text, Value
from cs826tl_grader.exercise.signs import CLASSES, Script
from cs826tl_grader.exercise.trained import OLD, blank_weights, grey, network, reader

OPENED, BAR = 10, 0.68  # what a parcel opened for nothing costs, in misses; of the cost of none
OWN, LATER = 900, 3000  # parcels that customs have opened, and parcels to come
DOUBT = 0.65  # the share that holds something of the parcels whose sign does not tell


def draw_variant(rng):
    """Return how many records and break-ins there are, and how good the detector is."""
    return {
        "records": int(rng.integers(5, 20)) * 1000,
        "break_ins": int(rng.integers(2, 9)) * 20,
        "recall": float(rng.choice([0.75, 0.8, 0.9, 0.95])),
        "false_alarm_rate": float(rng.choice([0.01, 0.02, 0.05])),
    }


def true_share(variant):
    """Return the share of the alarms that are break-ins."""
    found = variant["recall"] * variant["break_ins"]
    false = variant["false_alarm_rate"] * (variant["records"] - variant["break_ins"])
    return found / (found + false)


def least_cost(variant, labels, scores, miss, false_alarm):
    """Return the least cost over all thresholds, the one above every score included."""
    costs = [
        miss * np.sum((scores < t) & (labels == 1))
        + false_alarm * np.sum((scores >= t) & (labels == 0))
        for t in (*np.unique(scores), np.inf)
    ]
    return float(min(costs))


def some_scores(rng, variant):
    """Draw scores with ties and without, all alike, of one kind, and at all sorts of costs."""
    yield np.array([1, 0, 1, 0]), np.full(4, 0.5), 1.0, 1.0
    yield np.array([1, 1, 1]), np.array([0.2, 0.1, 0.3]), 3.0, 1.0
    yield np.array([0, 0]), np.array([0.9, 0.1]), 1.0, 5.0
    yield np.array([0, 1, 0, 0]), np.array([0.6, 0.5, 0.7, 0.1]), 1.0, 10.0  # silence is cheapest
    yield np.array([1, 0, 1, 1]), np.array([-5.0, -4.0, -3.0, -1.0]), 100.0, 1.0
    for k in range(8):
        labels = rng.integers(0, 2, 60)
        scores = rng.normal(size=60) * 3 + 2 * labels
        costs = rng.choice([1.0, 2.0, 9.0, 50.0], 2)
        yield labels, np.round(scores) if k % 2 else scores, float(costs[0]), float(costs[1])


def fair_rows(variant, train, train_types, test, test_types):
    """Return the test rows of types, and with values, that neither split has shown before."""
    seen, kept = {tuple(row) for row in train.tolist()}, []
    for k, row in enumerate(map(tuple, test.tolist())):
        if test_types[k] not in train_types and row not in seen:
            kept.append(k)
            seen.add(row)
    return kept


TYPES = ["back", "satan", "portsweep", "land", "imap", "rootkit", "guess_passwd"]


def some_splits(rng, variant):
    """Draw splits with known types, copies of training rows, copies within the test, or all."""
    for kinds in (("type",), ("copy",), ("twin",), (), ("type", "copy", "twin"), ("copy", "twin")):
        for _ in range(2):
            yield _split(rng, kinds)


def _split(rng, kinds):
    names = rng.permutation(TYPES).tolist()
    rows = rng.permutation(np.arange(600)).reshape(200, 3)  # no two alike
    rows[:, 0] = rng.integers(0, 2, 200)  # one column tells nothing by itself
    train, test = rows[:60], rows[60:90].copy()
    train_types = [names[k % 3] for k in range(60)]
    test_types = [names[3 + k % 3] for k in range(30)]
    for k in rng.permutation(30)[:8].tolist() if "type" in kinds else []:
        test_types[k] = str(names[k % 3])
    if "copy" in kinds:
        test[rng.permutation(30)[:6]] = train[rng.permutation(60)[:6]]
    if "twin" in kinds:
        order = rng.permutation(30)
        test[order[:5]] = test[order[5:10]]
    return train, train_types, test, test_types


def some_parcels(rng, variant):
    """Draw a network that reads a script, and four times parcels with its signs.

    Three of the ten signs give a smuggler away and three are harmless; with the other four it is
    a matter of chance, a little more often than not. Which sign is which is drawn each time. The
    truth is what an alarm is tried on: the codes of parcels to come, and what is in them.
    """
    script = Script(rng, spread=0.7)
    model = reader(rng, script, OLD)
    for _ in range(4):
        chances = rng.permutation([1.0] * 3 + [0.0] * 3 + [DOUBT] * 4)
        pictures, signs = grey(script, OWN + LATER)
        smuggled = (rng.random(OWN + LATER) < chances[signs]).astype(int)
        codes = tl.encode(model, pictures[OWN:], device="cpu").numpy()
        yield Case(
            (model.state_dict(), pictures[:OWN], smuggled[:OWN]), truth=(codes, smuggled[OWN:])
        )


def cheap_enough(variant, case, got):
    """Return what is wrong with the alarm, if anything."""
    if wrong := _unfit(case, got):
        return wrong
    missed, harmless = _mistakes(case, got)
    _, smuggled = case.truth
    cheap = missed + OPENED * harmless <= BAR * np.sum(smuggled)
    return "" if cheap else f"dearer than {100 * BAR:.0f} % of the cost without an alarm"


def what_it_costs(variant, case, got):
    """Return what to ask about the two kinds of mistakes, and the answer."""
    if wrong := _unfit(case, got):
        raise ValueError(wrong)
    (missed, harmless), (_, smuggled) = _mistakes(case, got), case.truth
    ask = (
        f"Your `set_alarm` missed {missed} smugglers and opened {harmless} harmless parcels. What "
        f"does that cost? And what would no alarm cost, with {np.sum(smuggled)} smugglers among "
        f"{len(smuggled)} parcels?"
    )
    cost = missed + OPENED * harmless
    return ask, f"{missed} + {OPENED} × {harmless} = {cost}; {np.sum(smuggled)} without"


def _unfit(case, got):
    codes, _ = case.truth
    if not isinstance(got, dict) or set(got) != {"weight", "threshold"}:
        return 'not a dictionary of "weight" and "threshold"'
    weight, threshold = np.asarray(got["weight"]), np.asarray(got["threshold"])
    if weight.shape != codes.shape[1:] or threshold.shape != ():
        return "not one weight for each feature and one number"
    return ""


def _mistakes(case, got):
    """Return how many smugglers are missed, and how many harmless parcels are opened."""
    codes, smuggled = case.truth
    opened = codes @ np.asarray(got["weight"]) >= np.asarray(got["threshold"])
    return int(np.sum(~opened & (smuggled == 1))), int(np.sum(opened & (smuggled == 0)))


def cheapest_unseen(variant, state, pictures, smuggled):
    """Return a probe, and the threshold that is cheapest on parcels it was not trained on."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    codes = tl.encode(network(state), pictures, device="cpu").numpy()
    probe = LogisticRegression(C=0.1, max_iter=1000)
    scores = cross_val_predict(probe, codes, smuggled, cv=5, method="decision_function")
    threshold = tl.methods.alarms.cheapest_threshold(smuggled, scores, miss=1, false_alarm=OPENED)
    probe.fit(codes, smuggled)
    return {"weight": probe.coef_[0], "threshold": threshold - float(probe.intercept_[0])}


QUESTIONS = (
    Value(
        "true_share",
        points=1,
        hint="How many alarms come from break-ins, and how many from all the other records?",
        solution=true_share,
        tolerance=5e-3,
    ),
    Function(
        "least_cost",
        points=2,
        hint="Equal scores cannot be parted. And who never raises an alarm pays for misses only.",
        solution=least_cost,
        cases=some_scores,
        examples=[
            (np.array([0, 1, 0, 1]), np.array([0.1, 0.4, 0.6, 0.9]), 10.0, 1.0),
            (np.array([0, 1]), np.array([0.5, 0.5]), 3.0, 1.0),
        ],
    ),
    Function(
        "fair_rows",
        points=3,
        hint="A row counts once, only if its type is new, and only if training does not hold it.",
        solution=fair_rows,
        cases=some_splits,
        as_set=True,
        examples=[
            (
                np.array([[1, 5], [2, 6]]),
                ["satan", "imap"],
                np.array([[1, 7], [3, 8], [2, 6], [3, 8]]),
                ["satan", "rootkit", "rootkit", "rootkit"],
            )
        ],
    ),
    Function(
        "set_alarm",
        points=3,
        hint="The usual threshold treats both mistakes alike. Choose it by cost, on scores of "
        "parcels that the probe was not trained on: cross-validation gives you 900 of them.",
        solution=cheapest_unseen,
        cases=some_parcels,
        check=cheap_enough,
        talk=what_it_costs,
        examples=[
            (
                blank_weights(),
                np.repeat(np.uint8(25 * np.arange(CLASSES)), 10 * 64).reshape(100, 1, 8, 8),
                np.minimum(np.arange(100) % 20, 1),
            )
        ],
    ),
    Text(
        "switch_it_on",
        points=2,
        criteria=(
            "1 point: AUC says nothing about the threshold; what counts is what a lost mail costs "
            "beside a spam, and at that cost the filter may be worse than none",
            "1 point: a step that settles it: good mail lost at a chosen threshold, on newer mail "
            "of this company, with the threshold chosen on other mail; or a folder, not the bin",
        ),
    ),
)
