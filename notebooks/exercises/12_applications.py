"""The rubric of exercise 12: what an alarm is worth, and what nobody has seen."""

import numpy as np

from cs826tl.grading import Function, Text, Value


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


def choose_columns(variant, rows, labels, types, candidates):
    """Return the candidate that ranks best where one type of either kind was left out."""
    return int(np.argmax([_left_out(rows[:, c], labels, types) for c in candidates]))


def _auc(train, test, rows, labels):
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    model = LogisticRegression(max_iter=1000).fit(rows[train], labels[train])
    return roc_auc_score(labels[test], model.decision_function(rows[test]))


def _left_out(rows, labels, types):
    kinds = [sorted(set(np.array(types)[labels == label])) for label in (0, 1)]
    tests = [np.isin(types, [a, b]) for a in kinds[0] for b in kinds[1]]
    return np.mean([_auc(~test, test, rows, labels) for test in tests])


def some_columns(rng, variant):
    """Draw types that some columns give away, and others that tell break-ins of any type."""
    for _ in range(3):
        yield _columns(rng)


def _columns(rng):
    """Draw until what a type gives away fails on others, and what is general does not."""
    names, labels = list(map(str, rng.permutation(TYPES)[:6])), np.repeat([0, 1], 90)
    types, own, general = np.repeat(names, 30), list(range(6)), [6, 7, 8]
    while True:
        rows = rng.normal(size=(180, 12))
        rows[:, own] = np.repeat(rng.normal(size=(6, 6)) * 3, 30, axis=0) + 0.3 * rows[:, own]
        rows[:, general] += 0.9 * labels[:, None]
        order, shuffled = rng.permutation(12), rng.permutation(180)
        places = np.argsort(order)
        candidates = [own, general, [*own, *general], [9, 10, 11]]
        found = [_left_out(rows[:, c], labels, types) for c in candidates]
        halves = np.arange(180) % 2 == 0
        known = [_auc(halves, ~halves, rows[:, c], labels) for c in candidates]
        misled = min(known[0], known[2]) > known[1] + 0.02
        if misled and found[1] > 0.8 and sorted(found)[-2] < 0.65:
            break
    asked = [sorted(places[c].tolist()) for c in candidates]
    asked = [asked[k] for k in rng.permutation(4)]
    return rows[shuffled][:, order].round(1), labels[shuffled], types[shuffled].tolist(), asked


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
        "choose_columns",
        points=3,
        hint="Test each candidate on types that its training has not seen: leave out one type of "
        "either kind, as a whole, then the next pair.",
        solution=choose_columns,
        cases=some_columns,
        examples=[_columns(np.random.default_rng(0))],
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
