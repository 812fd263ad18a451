"""The rubric of exercise 04: count right guesses, climb the tree, sort the classes."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from cs826tl_grader import Function, Text, Value


def draw_variant(rng):
    """Return how many GPUs trained for how many minutes."""
    return {"gpus": 64 * int(rng.integers(3, 17)), "minutes": 6 * int(rng.integers(2, 10))}


def days_on_one(variant):
    """Return the days that one GPU takes for the same work."""
    return variant["gpus"] * variant["minutes"] / 60 / 24


def top_k_accuracy(variant, scores, labels, k):
    """Return the share of rows whose label is among the k highest scores."""
    best = np.argsort(scores, axis=1)[:, -k:]
    return float((best == np.asarray(labels)[:, None]).any(1).mean())


def some_scores(rng, variant):
    """Draw scores: one picture, k of one, k of all classes, all below zero, others."""
    sizes = [(1, 5, 1), (1, 5, 5), (7, 7, 1), (30, 10, 10), (20, 6, 5)]
    sizes += [tuple(map(int, (rng.integers(9, 40), 12, rng.integers(1, 7)))) for _ in range(7)]
    for rows, classes, k in sizes:
        scores = np.tile(np.arange(classes) - 20.0, (rows, 1))
        yield rng.permuted(scores, axis=1), rng.integers(0, classes, rows), k


def noun_probability(variant, parents, probabilities, noun):
    """Return the sum over all classes that are the noun, or a kind of it at any depth."""
    total = 0.0
    for name, probability in probabilities.items():
        above = name
        while above is not None and above != noun:
            above = parents[above]
        total += probability if above == noun else 0.0
    return total


def some_trees(rng, variant):
    """Draw trees; ask for the root, a class, a noun without a class below it, and others."""
    for k in range(12):
        count = int(rng.integers(6, 25))
        names = [f"noun{n}" for n in rng.permutation(100)[:count]]
        parents = {names[0]: None}
        for n in range(1, count):
            parents[names[n]] = names[max(0, n - int(rng.integers(1, 4)))]
        leaves = [name for name in names if name not in parents.values()]
        lone = leaves[0] if k == 2 and len(leaves) > 1 else None
        classes = [name for name in leaves if name != lone]
        shares = rng.dirichlet(np.ones(len(classes)))
        asked = {0: names[0], 1: classes[-1], 2: lone or names[0]}.get(k, str(rng.choice(names)))
        shuffled = {name: parents[name] for name in rng.permutation(names).tolist()}
        yield shuffled, dict(zip(classes, shares.tolist(), strict=True)), asked


def class_order(variant, scores, labels):
    """Return for each column its class: the pairing with the highest lift in all."""
    scores, labels = np.asarray(scores), np.asarray(labels)
    centred = scores - scores.mean(0)
    lift = np.stack([centred[labels == c].mean(0) for c in range(scores.shape[1])], axis=1)
    return linear_sum_assignment(-lift)[1].tolist()


def some_orders(rng, variant):
    """Draw scores whose columns stand in order, backwards, one place on, or anyhow."""
    for k in range(12):
        classes = int(rng.integers(5, 12))
        order = [np.arange(classes), np.arange(classes)[::-1], np.roll(np.arange(classes), 1)]
        order = order[k] if k < 3 else rng.permutation(classes)
        often = np.arange(1, classes + 1) * 8  # some classes have many pictures, others few
        labels = rng.permutation(np.repeat(rng.permutation(classes), often))
        scores = rng.normal(size=(len(labels), classes)) + 3 * (labels[:, None] == order)
        scores += rng.permutation(classes) * 2.0  # some columns are high for every picture
        yield scores, labels


_TREE = {"entity": None, "animal": "entity", "dog": "animal", "beagle": "dog", "pug": "dog"}
_SEEN = np.array([[0.1, 0.9, 0.0], [0.2, 0.7, 0.1], [0.0, 0.1, 0.9], [0.9, 0.1, 0.0]])
QUESTIONS = (
    Value(
        "days_on_one",
        points=1,
        hint="GPU-minutes first: they stay the same, however many share them.",
        solution=days_on_one,
        tolerance=5e-3,
    ),
    Function(
        "top_k_accuracy",
        points=2,
        hint="Sorting puts the highest scores last. With k at the number of classes all are right.",
        solution=top_k_accuracy,
        cases=some_scores,
        examples=[(_SEEN, np.array([1, 0, 1, 2]), 1), (_SEEN, np.array([1, 0, 1, 2]), 2)],
    ),
    Function(
        "noun_probability",
        points=3,
        hint="Start at each class and climb. Do you meet the noun before you are above the root?",
        solution=noun_probability,
        cases=some_trees,
        examples=[
            (_TREE, {"beagle": 0.5, "pug": 0.25}, "animal"),
            (_TREE, {"beagle": 0.5, "pug": 0.25}, "pug"),
        ],
    ),
    Function(
        "class_order",
        points=3,
        hint="For whose pictures does a column rise above its own mean? Column to class, not back.",
        solution=class_order,
        cases=some_orders,
        examples=[(_SEEN, np.array([0, 0, 1, 2]))],
    ),
    Text(
        "silent_mistake",
        points=2,
        criteria=(
            "1 point: no error is raised, and most guesses stay right",
            "1 point: a check that would show it, such as the probability of the label or the "
            "published accuracy on labelled photographs, or the network's own preprocessing",
        ),
    ),
)
