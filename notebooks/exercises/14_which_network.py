"""The rubric of exercise 14: an empty H-score, LEEP, regret, and choosing before fine-tuning."""

import numpy as np
import torch

import cs826tl as tl
from cs826tl_grader import Case, Function, Text, Value
from cs826tl_grader.exercise.signs import CLASSES, Script
from cs826tl_grader.exercise.trained import (
    ALPHA,
    NO_ADAPTERS,
    TEST,
    adapted,
    grey,
    judge_adapters,
    network,
    reader,
)

BARS = {"budget": 16_000, "bar": 0.87, "may_lose": 0.05}  # bytes, and shares of the pictures
QUIET = {"batch_size": 16, "device": "cpu", "progress": False}
SEEDS = 8
FEW, SHELF = 50, 1500  # grey pictures of a new script, and of one that a network on offer learns
LIKE = 0.97  # how much the shapes of a new script resemble those that the right network has learnt
NAMES = tl.methods.transferability.SCORES
WORTH = (0.5, 0.4, 0.3, 0.2, 0.1)  # how much of an accuracy is in each score
NO_CHOICE = "not the name of one of the networks and its tensors"


def draw_variant(rng):
    """Return pictures, features and classes of three networks; one has too many features.

    It has neither the fewest pictures nor the most features, nor the most or the fewest classes.
    """
    few, some, many = sorted(int(n) for n in rng.permutation(np.arange(4, 41))[:3])
    ends = [few, many] if rng.random() < 0.5 else [many, few]
    networks = [
        [int(10 * rng.integers(30, 50)), int(rng.choice([512, 640, 768])), some],
        [int(10 * rng.integers(15, 30)), int(rng.choice([64, 128])), ends[0]],
        [int(1000 * rng.integers(5, 10)), int(rng.choice([1024, 1280, 2048])), ends[1]],
    ]
    return {"networks": [networks[k] for k in rng.permutation(3)]}


def empty_score(variant):
    """Return the largest H-score of the network that has more features than pictures."""
    return next(c - 1 for pictures, features, c in variant["networks"] if features > pictures)


def leep(variant, probabilities, labels):
    """Return LEEP, as lecture 14 has it."""
    return tl.methods.transferability.leep(probabilities, labels)


def some_heads(rng, variant):
    """Draw what heads see: sure ones, unsure ones, and source classes that are never seen."""
    for case in range(10):
        sources, targets = int(rng.integers(5, 9)), int(rng.integers(3, 8))
        shares = rng.dirichlet(np.full(targets, 2.0))
        labels = np.concatenate([np.arange(targets), rng.choice(targets, 60, p=shares)])
        tells = rng.normal(size=(targets, sources))[labels] + rng.normal(size=(60 + targets, 1))
        scores = np.exp(rng.choice([1.0, 4.0]) * tells + rng.normal(size=tells.shape))
        if case % 2:
            scores[:, rng.permutation(sources)[: case % 3 + 1]] = 0
        yield scores / scores.sum(axis=1, keepdims=True), labels


def best_score(variant, scores, accuracies):
    """Return the name of the score with the smallest mean regret, if it beats chance."""
    regrets = accuracies.max(axis=1, keepdims=True) - accuracies
    rows = np.arange(len(accuracies))
    means = {name: regrets[rows, np.nanargmax(s, axis=1)].mean() for name, s in scores.items()}
    best = min(means, key=means.get)
    return best if means[best] < regrets.mean() else "chance"


def some_rankings(rng, variant):
    """Draw scores: of some worth, of none, of less than none, two that choose alike.

    Accuracies are 64ths, for 4 or 8 networks and 8 seeds, so that equal regrets are exactly equal.
    """
    for case in range(16):
        networks = int(rng.choice([4, 8]))
        accuracies = rng.integers(16, 60, (SEEDS, networks)) / 64
        worth = [-1] * 5 if case % 4 == 3 else rng.permutation(WORTH)
        noise = rng.normal(size=(5, SEEDS, networks)) * accuracies.std()
        drawn = [w * accuracies + (1 - abs(w)) * each for w, each in zip(worth, noise, strict=True)]
        scores = dict(zip(rng.permutation(NAMES).tolist(), drawn, strict=True))
        first, second, *_ = scores
        if case % 4 == 2:
            scores[first] = accuracies - 1
        for score in scores.values():
            score[np.arange(SEEDS), rng.integers(networks, size=SEEDS)] = np.nan
        if case % 4 == 2:  # the two best choose alike
            scores[second] = 9 * scores[first]
        yield scores, accuracies


def some_networks(rng, variant):
    """Draw four networks, and few labelled pictures of a new script, which is near one of theirs.

    Two networks have learnt a script each, one was trained on shuffled labels and one not at all;
    their names are drawn. Of the two cases the first is near one network's script, the second near
    the other's, so no choice of one name is right in both. The truth is what the network is tried
    on: pictures and labels of the new script, then for each name those of the network's own.
    """
    scripts = [Script(rng, spread=0.7) for _ in range(2)]
    made = [reader(rng, script, SHELF) for script in scripts]
    made += [reader(rng, scripts[0], SHELF, shuffled=True), network(seed=int(rng.integers(2**31)))]
    own = [grey(script, TEST) for script in (*scripts, *scripts)]
    names = ["ABCD"[k] for k in rng.permutation(4)]
    states = {name: model.state_dict() for name, model in zip(names, made, strict=True)}
    offered = {name: states[name] for name in sorted(states)}
    for script in scripts:
        new = script.relative(LIKE)
        truth = (*grey(new, TEST), dict(zip(names, own, strict=True)))
        yield Case((offered, *grey(new, FEW)), truth)


def chosen(case, got):
    """Return the name, the weights and the tensors of the network taken; `ValueError` if none."""
    if not isinstance(got, list | tuple) or len(got) != 2:
        raise ValueError(NO_CHOICE)
    name, tensors = got
    if not isinstance(name, str) or name not in case[0]:
        raise ValueError(NO_CHOICE)
    return name, case[0][name], tensors


def scored(score, networks, images, labels):
    """Return what a score says of each network."""
    score_network = tl.methods.transferability.score_network
    return {n: score_network(score, network(s), images, labels) for n, s in networks.items()}


def right_and_cheap(variant, case, got):
    """Return what is wrong with the network that was taken and its adapters, if anything."""
    new, own = case.truth[:2], case.truth[2]
    try:
        name, state, tensors = chosen(case, got)
    except ValueError as problem:
        return str(problem)
    return judge_adapters(state, tensors, new, own[name], **BARS)


def what_scores_say(variant, case, got):
    """Return what to ask about the choice, and the answer."""
    *_, labels = case
    name, state, tensors = chosen(case, got)
    model = adapted(state, tensors) if isinstance(tensors, dict) else None
    if model is None:
        raise ValueError(NO_ADAPTERS)
    right = tl.evaluate(model, case.truth[:2], device="cpu")
    leeps, h_scores = (scored(each, *case) for each in ("LEEP", "H-score"))
    ask = (
        f"Your `take_and_tune` took network {name} and read {100 * right:.0f} % of the new script. "
        "How many of the four have an H-score of nearly 9, and why? Which one does LEEP take?"
    )
    full = sum(value > CLASSES - 1.5 for value in h_scores.values())
    best = max(leeps, key=leeps.get)
    features = np.shape(state["head.weight"])[1]
    return ask, f"{full}: {features} features and only {len(labels)} pictures; LEEP takes {best}"


def by_leep(variant, networks, images, labels):
    """Return the network that LEEP puts first, and a head and adapters of rank 1 for it."""
    scores = scored("LEEP", networks, images, labels)
    name = max(scores, key=scores.get)
    model = network(networks[name])
    model = tl.add_lora(tl.with_head(model, model.classes), rank=1, alpha=ALPHA)
    tl.fit(tl.freeze(model), (images, labels), epochs=10, lr=1e-2, **QUIET)
    tl.fit(tl.unfreeze(model), (images, labels), epochs=10, lr=1e-3, **QUIET)
    return name, tl.training.task_state(model)


_BLANK = {name: torch.zeros_like(value) for name, value in network().state_dict().items()}
_ACCURACIES = np.array([[0.75, 0.5, 0.25, 0.5], [0.5, 0.75, 0.25, 0.5]])
_RIGHT, _WRONG = _ACCURACIES - 1, np.array([[1.0, 2.0, np.nan, 0.0], [2.0, 1.0, 3.0, 0.0]])
QUESTIONS = (
    Value(
        "empty_score",
        points=1,
        hint="Compare features with pictures, network by network. Then: which value can the "
        "H-score not exceed?",
        solution=empty_score,
    ),
    Function(
        "leep",
        points=2,
        hint="Each source class shares out one vote among the labels: divide by the sum over "
        "labels. Drop columns that are all zero before that.",
        solution=leep,
        cases=some_heads,
        examples=[
            (np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), np.array([0, 0, 1])),
            (np.array([[0.5, 0.5], [0.5, 0.5], [0.75, 0.25]]), np.array([0, 1, 1])),
        ],
    ),
    Function(
        "best_score",
        points=3,
        hint="For each seed, look which network the score puts first, leaving out NaN, and how far "
        "it is behind the best of that seed. Then average over the seeds.",
        solution=best_score,
        cases=some_rankings,
        examples=[
            ({"LogME": _WRONG, "LEEP": _RIGHT}, _ACCURACIES),
            ({"LogME": _WRONG}, _ACCURACIES),
        ],
    ),
    Function(
        "take_and_tune",
        points=4,
        hint="Take the network that LEEP, LogME or a linear probe puts first: with 50 pictures the "
        "H-score is near 9 for noise too. Then train the head, and after it both at a low rate.",
        solution=by_leep,
        cases=some_networks,
        check=right_and_cheap,
        talk=what_scores_say,
        examples=[
            (
                {"A": _BLANK, "B": _BLANK},
                np.repeat(np.uint8(25 * np.arange(CLASSES)), 5 * 64).reshape(50, 1, 8, 8),
                np.repeat(np.arange(CLASSES), 5),
            )
        ],
    ),
    Text(
        "which_of_many",
        points=2,
        criteria=(
            "1 point: a way that 300 pictures can pay for (score all in one pass, fine-tune only "
            "the few best, decide on pictures that were held out), and a rival for the score: "
            "nearest neighbours, a linear probe, or taking any network",
            "1 point: the H-score tells nothing here: 2,048 features are more than 300 pictures, "
            "so that noise reaches the number of classes less one too",
        ),
    ),
)
