"""The rubric of exercise 10: a target without labels."""

import numpy as np
from scipy.sparse.csgraph import connected_components

import cs826tl as tl
from cs826tl_grader import Case, Function, Text, Value
from cs826tl_grader.exercise.signs import INK, Script
from cs826tl_grader.exercise.trained import OLD, TEST, as_bytes, blank_weights, network, reader

BAR = 0.85  # accuracy on hidden pages of the target
GIVEN, SHADES = 600, (0.45, 0.55)  # pages of either domain; of what parts two signs, in ink


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


def some_shades(rng, variant):
    """Draw a network that reads a script, and four times pages with two of its signs, 0 and 1.

    The source's pages have labels, as many of one sign as of the other. One sign is rare on the
    target's, and all of them are shaded so that it looks frequent. Only its share is known. The
    truth is what a classifier is tried on: the codes of other pages of the target, and labels.
    """
    script = Script(rng, spread=0.7)
    model = reader(rng, script, OLD)
    zeros, ones = (script.write(np.full(500, sign)).mean(axis=0) for sign in (0, 1))
    for share in (0.1, 0.9, 0.2, 0.8):
        labels, given, hidden = (
            rng.permutation(np.arange(count) < round(count * part)).astype(int)
            for count, part in ((GIVEN, 0.5), (GIVEN, share), (TEST, share))
        )
        shade = (ones - zeros) * rng.uniform(*SHADES) * (1 if share < 0.5 else -1)
        source, target = as_bytes(script.write(labels)), _shaded(script.write(given), shade)
        codes = tl.encode(model, _shaded(script.write(hidden), shade), device="cpu").numpy()
        yield Case((model.state_dict(), source, labels, target, share), truth=(codes, hidden))


def _shaded(written, shade):
    return as_bytes(np.clip(np.round(written + shade), 0, INK))


def reaches_the_bar(variant, case, got):
    """Return what is wrong with the adapted classifier, if anything."""
    wrong = _unfit(case, got)
    return wrong or ("" if _right(case, got) >= BAR else "below the bar of 85 %")


def beside_a_constant(variant, case, got):
    """Return what to ask about the accuracy, and the answer."""
    if wrong := _unfit(case, got):
        raise ValueError(wrong)
    share = case[-1]
    ask = (
        f"Your `adapt_classifier` reached {100 * _right(case, got):.0f} % on pages of which "
        f"{100 * share:.0f} % show sign 1. What would it reach if it always gave the same answer?"
    )
    return ask, f"{100 * max(share, 1 - share):.0f} %, by always answering {int(share > 0.5)}"


def _unfit(case, got):
    codes, _ = case.truth
    if not isinstance(got, dict) or set(got) != {"weight", "bias"}:
        return 'not a dictionary of "weight" and "bias"'
    weight, bias = np.asarray(got["weight"]), np.asarray(got["bias"])
    if weight.shape != codes.shape[1:] or bias.shape != ():
        return "not one weight for each feature and one number"
    return ""


def _right(case, got):
    codes, truth = case.truth
    return ((codes @ np.asarray(got["weight"]) + np.asarray(got["bias"]) > 0) == truth).mean()


def moved_threshold(variant, state, source, labels, target, share):
    """Return the source's probe, cut where the known share of the target lies above."""
    from sklearn.linear_model import LogisticRegression

    model = network(state)
    home, away = (tl.encode(model, pages, device="cpu").numpy() for pages in (source, target))
    weight = LogisticRegression(C=0.1, max_iter=1000).fit(home, labels).coef_[0]
    return {"weight": weight, "bias": -float(np.quantile(away @ weight, 1 - share))}


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
        "adapt_classifier",
        points=3,
        hint="The order of the probe's scores is still good; where they cross zero is not. And you "
        "know how many of the target's pages show sign 1.",
        solution=moved_threshold,
        cases=some_shades,
        check=reaches_the_bar,
        talk=beside_a_constant,
        examples=[
            (
                blank_weights(),
                np.repeat(np.uint8([0, 20, 200, 220]), 64).reshape(4, 1, 8, 8),
                np.array([0, 0, 1, 1]),
                np.repeat(np.uint8([140, 160, 150, 250]), 64).reshape(4, 1, 8, 8),
                0.25,
            )
        ],
    ),
    Text(
        "what_likelihood_says",
        points=2,
        criteria=(
            "1 point: likelihood and confidence say how well the model explains the rows, or how "
            "far apart its clusters lie, not that the clusters are the classes; the domains "
            "themselves may be what it found",
            "1 point: a step that settles it: label some target items, look at the shares of the "
            "answers beside what is known of them, or compare with the source alone",
        ),
    ),
)
