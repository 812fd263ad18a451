"""The rubric of exercise 10: a target without labels."""

import numpy as np
from scipy.sparse.csgraph import connected_components

from cs826tl.grading import Case, Function, Text, Value

BAR = 0.85


def draw_variant(rng):
    """Return accuracies of three seeds: the source alone, adapted, trained on the target."""
    return {
        "source only": rng.integers(45, 60, 3).tolist(),
        "adapted": rng.integers(60, 75, 3).tolist(),
        "target-trained": rng.integers(85, 97, 3).tolist(),
    }


def share_closed(variant):
    """Return what was gained over what there was to gain, of the means."""
    low, now, high = (np.mean(variant[k]) for k in ("source only", "adapted", "target-trained"))
    return float((now - low) / (high - low))


def m_step(variant, X, y, heap, chance, alpha):
    """Return the classes' word probabilities, from labels and from probabilities."""
    sure = np.eye(chance.shape[1])[y]
    counts = sure.T @ X + chance.T @ heap + alpha
    return counts / counts.sum(axis=1, keepdims=True)


def some_counts(rng, variant):
    """Draw counts: without a target, with one that is sure, with two classes or more."""
    for k in range(8):
        classes, words = int(rng.integers(2, 5)), int(rng.integers(3, 8))
        rows, size = int(rng.integers(classes, 9)), 0 if k == 0 else int(rng.integers(2, 12))
        y = rng.permutation(np.arange(rows) % classes)
        chance = rng.dirichlet(np.ones(classes), size)
        if k == 1:
            chance = np.eye(classes)[rng.integers(0, classes, size)]
        X, heap = rng.poisson(2, (rows, words)), rng.poisson(3, (size, words))
        yield X, y, heap, chance, float(rng.choice([0.1, 1.0, 2.0]))


def never_reached(variant, graph, labels):
    """Return the rows without a label in parts of the graph that hold none."""
    _, part = connected_components(np.asarray(graph), directed=False)
    there = set(part[np.asarray(labels) >= 0].tolist())
    return [k for k in range(len(labels)) if part[k] not in there]


def some_graphs(rng, variant):
    """Draw graphs: a long chain, lone nodes, several parts, all labelled, none."""
    yield _graph(rng, [12]), _told([0] + [-1] * 11)
    yield _graph(rng, [1, 1, 4]), _told([-1, 1, 0, -1, -1, -1])
    yield _graph(rng, [6, 6]), _told([0, 1] + [-1] * 10)
    yield _graph(rng, [3, 3]), _told([0, 1, 0, 1, 1, 0])
    yield _graph(rng, [4, 2]), _told([-1] * 6)
    for _ in range(6):
        sizes = rng.integers(1, 8, int(rng.integers(2, 6))).tolist()
        told = np.full(sum(sizes), -1)
        told[rng.permutation(sum(sizes))[: int(rng.integers(1, 4))]] = rng.integers(0, 3)
        order = rng.permutation(sum(sizes))
        yield _graph(rng, sizes)[np.ix_(order, order)], told[order]


def _told(labels):
    return np.array(labels)


def _graph(rng, sizes):
    """Return the graph of chains of these lengths, with a few ties more inside of each."""
    graph, start = np.zeros((sum(sizes), sum(sizes)), dtype=int), 0
    for size in sizes:
        for k in range(start, start + size - 1):
            graph[k, k + 1] = graph[k + 1, k] = 1
        if size > 6 and len(sizes) > 1:
            graph[start, start + 2] = graph[start + 2, start] = 1
        start += size
    return graph


def some_moves(rng, variant):
    """Draw a labelled source, half and half, and a target with few or many of class 1."""
    for share in (0.1, 0.9, 0.2, 0.8, 0.25):
        direction = rng.normal(size=10)
        between = 4 * direction / np.linalg.norm(direction)
        labels = rng.permutation(np.arange(200) % 2)
        truth = rng.permutation(np.arange(200) < round(200 * share)).astype(int)
        source, target = (
            rng.normal(size=(200, 10)) + np.outer(known - 0.5, between) for known in (labels, truth)
        )
        target += between * rng.choice([-1, 1]) * rng.uniform(0.8, 1.2)
        yield Case((source, labels, target, share), truth)


def reaches_the_bar(variant, case, got):
    """Return what is wrong with the predicted labels, if anything."""
    if np.shape(got) != case.truth.shape:
        return "not one label for each target row"
    return "" if (np.asarray(got) == case.truth).mean() >= BAR else "below the bar of 85 %"


def predict_target(variant, source, labels, target, share):
    """Return class 1 for the share of rows that the source's classifier scores highest."""
    from sklearn.linear_model import LogisticRegression

    scores = LogisticRegression().fit(source, labels).decision_function(target)
    return (np.argsort(np.argsort(-scores)) < round(share * len(target))).astype(int)


_CHAIN = np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]])
QUESTIONS = (
    Value(
        "share_closed",
        points=1,
        hint="Average over the seeds first. What was gained, and what was there to gain?",
        solution=share_closed,
        tolerance=5e-3,
    ),
    Function(
        "m_step",
        points=2,
        hint="Count the words of each class: a labelled row for its own class, a row of the heap "
        "for each class by its probability. Then add alpha, and make each class sum to one.",
        solution=m_step,
        cases=some_counts,
        examples=[
            (
                np.array([[2, 0], [0, 2]]),
                np.array([0, 1]),
                np.array([[4, 4]]),
                np.array([[0.75, 0.25]]),
                1.0,
            )
        ],
    ),
    Function(
        "never_reached",
        points=3,
        hint="A label goes as far as ties lead, over any number of steps.",
        solution=never_reached,
        cases=some_graphs,
        as_set=True,
        examples=[(_CHAIN, np.array([0, -1, -1, -1]))],
    ),
    Function(
        "predict_target",
        points=3,
        hint="The order of the source's scores is still good; where they cross zero is not. And "
        "you know how many rows are of class 1.",
        solution=predict_target,
        cases=some_moves,
        check=reaches_the_bar,
        examples=[
            (
                np.array([[0.0], [1.0], [4.0], [5.0]]),
                np.array([0, 0, 1, 1]),
                np.array([[6.0], [7.0], [6.5], [9.0]]),
                0.25,
            )
        ],
    ),
    Text(
        "what_likelihood_says",
        points=2,
        criteria=(
            "1 point: likelihood and sureness say how well the model explains the rows, or how far "
            "apart its clusters lie, not that the clusters are the classes; the domains themselves "
            "may be what it found",
            "1 point: a step that settles it: label some target items, look at the shares of the "
            "answers beside what is known of them, or compare with the source alone",
        ),
    ),
)
