"""The rubric of exercise 01: see the shift, then close the gap."""

import numpy as np

from cs826tl_grader import Case, Function, Text, Value
from cs826tl_grader.exercise.signs import CLASSES, Script, ask_how_sure

BAR = 0.80


def draw_variant(rng):
    """Return a detector's scores for three source and four target items; one pair ties."""
    while True:
        scores = rng.integers(1, 10, 7).tolist()
        source, target = scores[:3], scores[3:]
        ties = sum(s == t for s in source for t in target)
        if ties == 1 and 0.5 < auc({"source": source, "target": target}) < 0.9:
            return {"source": source, "target": target}


def auc(variant):
    """Return the share of pairs in the right order; a tie is half a pair."""
    pairs = [(s, t) for s in variant["source"] for t in variant["target"]]
    return sum((t > s) + 0.5 * (t == s) for s, t in pairs) / len(pairs)


def labels_needed(variant, sizes, accuracies, bar):
    """Return the first size from which on the mean curve stays at the bar or above."""
    above = np.mean(accuracies, axis=1) >= bar
    stays = np.logical_and.accumulate(above[::-1])[::-1]
    return sizes[int(stays.argmax())] if stays.any() else None


def some_curves(rng, variant):
    """Draw curves: never there, always there, at the last only, back below the bar, on it."""
    sizes = [10, 40, 200, 1000, 4000]
    means = [
        [0.2, 0.3, 0.4, 0.5, 0.6],
        [0.9, 0.9, 0.95, 0.95, 0.95],
        [0.2, 0.4, 0.5, 0.6, 0.9],
        [0.5, 0.9, 0.6, 0.9, 0.95],
        [0.2, 0.75, 0.75, 0.9, 0.95],
        [0.9, 0.9, 0.9, 0.9, 0.5],
    ]
    for mean in means:
        yield sizes, np.array(mean)[:, None] + np.array([-0.125, 0.0, 0.125]), 0.75
    for _ in range(6):
        count = int(rng.integers(2, 7))
        sizes = sorted(int(n) for n in rng.choice(5000, count, replace=False) + 1)
        accuracies = np.clip(rng.normal(0.75, 0.1, (count, 4)), 0, 1)
        yield sizes, accuracies, float(rng.uniform(0.7, 0.8))


def gaps(source, target):
    """Return for each column the largest gap between its two distribution functions.

    It is the statistic of Kolmogorov and Smirnov, of all columns at once.
    """
    order = np.concatenate([source, target]).argsort(axis=0)
    steps = np.where(order < len(source), 1 / len(source), -1 / len(target))
    return np.abs(steps.cumsum(axis=0)).max(axis=0)


def shifted_columns(variant, source, target):
    """Return the columns whose distributions differ, with p < 1e-6 if they are of one."""
    return np.flatnonzero(gaps(source, target) > np.sqrt(np.log(2e6) / len(source))).tolist()


def _columns(rng, moved, spread, count=30):
    """Draw two domains; columns differ plainly, or by no more than chance makes them differ."""
    shape = rng.normal(size=(2, 400, count))
    same = np.setdiff1d(range(count), [*moved, *spread])
    chance = np.sqrt(np.log(2e3) / 400)  # which one in a thousand exceeds
    while len(far := np.intersect1d(np.flatnonzero(gaps(*shape) > chance), same)):
        shape[:, :, far] = rng.normal(size=(2, 400, len(far)))
    shape[1][:, moved] += rng.choice([-1, 1], len(moved))
    shape[1][:, spread] *= rng.choice([0.2, 5], len(spread))
    scales, places = 10.0 ** rng.integers(-3, 4, count), rng.normal(size=count)
    return tuple((shape + places) * scales)


def some_domains(rng, variant):
    """Draw pairs of domains: nothing shifted, all, the first and the last, others."""
    yield _columns(rng, [], [])
    yield _columns(rng, list(range(0, 30, 2)), list(range(1, 30, 2)))
    yield _columns(rng, [0], [29])
    yield _columns(rng, [29], [0])
    for _ in range(6):
        which = rng.permutation(30).tolist()
        yield _columns(rng, which[:3], which[3:6])


def some_scanners(rng, variant):
    """Draw labelled digits of a made-up script from one scanner, and others from another."""
    for _ in range(5):
        script = Script(rng, spread=0.8)
        labels, truth = script.digits(400), script.digits(300)
        gains, offsets = 10 ** rng.uniform(-1, 1, 64), rng.normal(0, 20, 64)
        target = script.write(truth) * gains + offsets
        yield Case((script.write(labels), labels, target), truth)


def reaches_the_bar(variant, case, got):
    """Return what is wrong with the predicted labels, if anything."""
    if np.shape(got) != case.truth.shape:
        return "not one label for each target digit"
    return "" if (np.asarray(got) == case.truth).mean() >= BAR else "below the bar of 80 %"


def how_sure(variant, case, got):
    """Return what to ask about the share of right labels, and the answer."""
    return ask_how_sure("predict_target", got, case.truth, CLASSES)


def predict_target(variant, source, labels, target):
    """Return the labels that a classifier gives after each domain is standardised by itself."""
    from sklearn.linear_model import LogisticRegression

    def standard(rows):
        return (rows - rows.mean(0)) / (rows.std(0) + 1e-9)

    classifier = LogisticRegression(C=0.1, max_iter=1000).fit(standard(source), labels)
    return classifier.predict(standard(target))


QUESTIONS = (
    Value(
        "auc",
        points=1,
        hint="There are twelve pairs. How many have the target's score above the source's?",
        solution=auc,
        tolerance=5e-3,
    ),
    Function(
        "labels_needed",
        points=2,
        hint="Average over the seeds first. Then come from the right: how far is it good enough?",
        solution=labels_needed,
        cases=some_curves,
        examples=[
            ([10, 40, 200], np.array([[0.25, 0.75], [0.5, 1.0], [0.75, 1.0]]), 0.75),
            ([10, 40, 200], np.array([[0.25, 0.25], [0.5, 0.5], [0.5, 0.75]]), 0.75),
        ],
    ),
    Function(
        "shifted_columns",
        points=3,
        hint="Equal means do not make equal distributions; and of thirty columns without a "
        "shift one or two have p < 0.05 by chance.",
        solution=shifted_columns,
        cases=some_domains,
        as_set=True,
        examples=[_columns(np.random.default_rng(0), [1], [], count=3)],
    ),
    Function(
        "predict_target",
        points=3,
        hint="Bring the mean and the spread of each pixel together before you train. What is a "
        "pixel's spread where all values are equal?",
        solution=predict_target,
        cases=some_scanners,
        check=reaches_the_bar,
        talk=how_sure,
        examples=[
            (
                np.array([[0.0, 9.0], [1.0, 9.0], [9.0, 0.0], [8.0, 1.0]]),
                np.array([0, 0, 1, 1]),
                np.array([[70.0, -9.0], [90.0, -10.0], [71.0, -8.5], [88.0, -9.9]]),
            )
        ],
    ),
    Text(
        "what_auc_says",
        points=2,
        criteria=(
            "1 point: the AUC says that inputs differ, not that accuracy falls (nor the reverse)",
            "1 point: a step that settles it, with a reason: a few labels of the new hospital to "
            "measure accuracy, a control of two halves, or looking at what the detector sees",
        ),
    ),
)
