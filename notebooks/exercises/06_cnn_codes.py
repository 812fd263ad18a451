"""The rubric of exercise 06: read the codes."""

import numpy as np
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import pairwise_distances
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cs826tl.training import encode
from cs826tl_grader import Case, Function, Text, Value
from cs826tl_grader.exercise.signs import CLASSES, SIDE, Script, ask_how_sure
from cs826tl_grader.exercise.trained import PARTS, labelled, learnt

CHANNELS = (16, 32, 64)
WAYS = ("honest", "chosen on test", "validation reported", "best draw")
DEPTHS = ("pixels", "stage1", "stage2", "stage3", "stage4", "stage5")
CODED = PARTS[:-1]  # the depths of a network that question 4 has codes of
BAR = 0.75


def draw_variant(rng):
    """Return the size of the pictures, the block and the classes of question 1."""
    return {
        "size": 16 * int(rng.integers(1, 5)),
        "block": int(rng.integers(1, 4)),
        "classes": int(rng.integers(5, 13)),
    }


def code_lengths(variant):
    """Return the numbers of a block, those left of it by averaging, and a classifier's weights."""
    channels, side = CHANNELS[variant["block"] - 1], variant["size"] // 2 ** variant["block"]
    return [channels * side**2, channels, channels * variant["classes"]]


def neighbours(variant, codes, queries, k):
    """Return the nearest rows by standardised, averaged codes."""
    known, asked = (x.mean(axis=(2, 3)) if x.ndim == 4 else x for x in (codes, queries))
    scaler = StandardScaler().fit(known)
    distances = pairwise_distances(scaler.transform(asked), scaler.transform(known))
    return distances.argsort(axis=1)[:, :k]


def some_codes(rng, variant):
    """Draw codes: maps and averages, channels of all sizes, dead ones, one neighbour and all."""
    for case in range(10):
        pictures, asked, channels = (int(n) for n in rng.integers(5, 20, 3))
        shape = (channels,) if case % 3 == 2 else (channels, *map(int, rng.integers(2, 5, 2)))
        size = 10 ** rng.uniform(-2, 2, (channels, *[1] * (len(shape) - 1)))
        codes = size * rng.normal(size=(pictures, *shape))
        queries = 3 * size * (1 + rng.normal(size=(asked, *shape)))
        if case % 2:
            codes[:, 0] = 0  # a dead channel, which wakes for some queries
            queries[:, 0] = np.maximum(queries[:, 0], 0)
        yield codes, queries, (1, pictures, 3)[min(case, 2)]


def what_was_done(variant, validation, test, report):
    """Return how a report came about."""
    best = max(validation, key=lambda depth: validation[depth].mean())
    if report["depth"] != best:
        return "chosen on test"
    for way, number in _numbers(validation[best], test[best]).items():
        if abs(number - report["accuracy"]) < 0.001:
            return way
    raise ValueError("made in none of the four ways")


def _numbers(validation, test):
    return {
        "honest": test.mean(),
        "validation reported": validation.mean(),
        "best draw": test.max(),
    }


def some_reports(rng, variant):
    """Draw reports of all four kinds; test and validation agree on the best depth, or do not."""
    asked = [(way, half) for half in (False, True) for way in WAYS * 2]
    for k in rng.permutation(len(asked)):  # in no order that a count of calls could tell
        way, agree = asked[k][0], asked[k][1] and asked[k][0] != "chosen on test"
        validation, test = _tables(rng, agree)
        best, on_test = (max(t, key=lambda d, t=t: t[d].mean()) for t in (validation, test))
        depth = on_test if way == "chosen on test" else best
        numbers = _numbers(validation[depth], test[depth])
        number = numbers.get(way, numbers["honest"])
        yield validation, test, {"depth": depth, "accuracy": round(float(number), 3)}


def _tables(rng, agree):
    """Draw accuracies until the best depths agree, or not, and no two numbers are close."""
    while True:
        height = rng.permutation([0.5, 0.62, 0.7, 0.72, 0.74, 0.6])
        validation, test = (
            {d: h + 0.06 * rng.normal(size=5) for d, h in zip(DEPTHS, height, strict=True)}
            for _ in range(2)
        )
        best, on_test = (max(t, key=lambda d, t=t: t[d].mean()) for t in (validation, test))
        numbers = sorted(_numbers(validation[best], test[best]).values())
        if (best == on_test) == agree and min(np.diff(numbers)) > 0.005:
            return validation, test


def some_depths(rng, variant):
    """Draw networks and the codes of pictures that they were made for, or were not.

    One that has learnt to read signs in either polarity knows them at the top. One that has learnt
    to tell two kinds of signs apart has thrown the rest away there.
    """
    for reads in rng.permutation([True, True, False]):
        script, seed = Script(rng, spread=0.8), int(rng.integers(2**31))
        pictures, digits = _written(rng, script, 1600 if reads else 800, reads)
        model = learnt(pictures, digits if reads else digits % 2, epochs=5, seed=seed)
        pictures, known = _written(rng, script, CLASSES * (3 if reads else 25), reads)
        others, truth = _written(rng, script, 300, reads)
        yield Case(
            (_codes(model, pictures), known.numpy(), _codes(model, others)), truth=truth.numpy()
        )


def _codes(model, pictures):
    """Return the codes of pictures at each depth, flattened, and four numbers of the pictures."""
    grey = pictures[:, 0].numpy().reshape(-1, 2, SIDE // 2, 2, SIDE // 2)
    codes = {depth: encode(model, pictures, until=depth).flatten(1).numpy() for depth in CODED}
    return {"pixels": grey.mean(axis=(2, 4)).reshape(-1, 4), **codes}


def _written(rng, script, count, either_polarity):
    """Draw pictures of signs, half of them negatives if asked for, and their labels."""
    pictures, labels = labelled(script, count)
    if either_polarity:
        negative = rng.random(count) < 0.5
        pictures[negative] = 255 - pictures[negative]
    return pictures, labels


def reaches_the_bar(variant, case, got):
    """Return what is wrong with the labels, if anything."""
    if np.shape(got) != case.truth.shape:
        return "not one label for each unlabelled picture"
    return "" if (np.asarray(got) == case.truth).mean() >= BAR else "below the bar of 75 %"


def how_sure(variant, case, got):
    """Return what to ask about the share of right labels, and the answer."""
    return ask_how_sure("read_off", got, case.truth, CLASSES)


def best_labels(variant, depths, labels, unlabelled):
    """Return the labels that a probe of the depth with the best cross-validation gives."""
    probe = make_pipeline(StandardScaler(), RidgeClassifier(10.0))
    score = {d: cross_val_score(probe, c, labels, cv=3).mean() for d, c in depths.items()}
    best = max(score, key=score.get)
    return probe.fit(depths[best], labels).predict(unlabelled[best])


_MAPS = np.arange(24.0).reshape(3, 2, 2, 2) ** 2
_CODES = np.array([[0.0, 100.0], [1.0, 300.0], [2.0, 200.0]])
_LABELS = np.arange(54) % 2  # of 25 labelled pictures per class, and of four others
_PIXELS = (np.arange(216.0) * 7 % 11).reshape(54, 4)
_STAGE = 100.0 * _LABELS[:, None] + np.arange(162).reshape(54, 3) % 5
QUESTIONS = (
    Value(
        "code_lengths",
        points=2,
        hint="Channels times height times width; the side is halved once in every block.",
        solution=code_lengths,
    ),
    Function(
        "neighbours",
        points=3,
        hint="Average, then scale both by the known pictures' numbers; and divide by no zero.",
        solution=neighbours,
        cases=some_codes,
        examples=[
            (_CODES, np.array([[1.0, 210.0]]), 2),
            (_MAPS, _MAPS[:2] + 1, 3),
        ],
    ),
    Function(
        "what_was_done",
        points=3,
        hint="Do the honest thing yourself first; then compare the depth, then the number.",
        solution=what_was_done,
        cases=some_reports,
        examples=[
            (
                {"stage1": np.array([0.6, 0.8]), "stage2": np.array([0.5, 0.6])},
                {"stage1": np.array([0.5, 0.6]), "stage2": np.array([0.7, 0.6])},
                {"depth": depth, "accuracy": accuracy},
            )
            for depth, accuracy in (("stage1", 0.55), ("stage2", 0.65))
        ],
    ),
    Function(
        "read_off",
        points=3,
        hint="Bring the columns to one scale. Choose the depth by pictures that the classifier has "
        "not learnt: hold some labelled ones back, or cross-validate.",
        solution=best_labels,
        cases=some_depths,
        check=reaches_the_bar,
        talk=how_sure,
        examples=[
            (
                {"pixels": _PIXELS[:50], "block1": _STAGE[:50]},
                _LABELS[:50],
                {"pixels": _PIXELS[50:], "block1": _STAGE[50:]},
            )
        ],
    ),
    Text(
        "why_once",
        points=2,
        criteria=(
            "1 point: frozen and in evaluation mode, so the same picture always has the same code",
            "1 point: two changes that end it (a stage below learns, batch normalisation in "
            "training mode, random augmentation, other preprocessing or size)",
        ),
    ),
)
