"""The rubric of exercise 08: who wakes when, and how fast."""

import itertools
import math

import numpy as np
import torch
from scipy.stats import ttest_1samp

from cs826tl_grader import Case, Function, Text, Value
from cs826tl_grader.exercise.signs import CLASSES, Script
from cs826tl_grader.exercise.trained import (
    NO_WEIGHTS,
    PARTS,
    accuracy,
    ask_on_accuracy,
    blank_weights,
    labelled,
    learnt,
    moved,
    received,
    small_vgg,
    weights_of,
)

SHOTS = 30
ROUNDS = range(3, len(PARTS) + 1)
BAR, FLOOR = 0.75, 0.80


def draw_variant(rng):
    """Return the network, the epochs and the factor of question 1; the last batch is smaller."""
    stages, batch_size = int(rng.integers(4, 9)), int(rng.choice([8, 16, 32]))
    return {
        "stages": stages,
        "epochs": stages + int(rng.integers(2, 5)),
        "images": batch_size * int(rng.integers(3, 7)) + int(rng.integers(1, batch_size)),
        "batch_size": batch_size,
        "factor": float(rng.choice([1.5, 2.0, 2.5, 3.0])),
    }


def left_for_stage1(variant):
    """Return the steps in which stage 1 learns, and how many times slower than the head."""
    wakes = variant["stages"] + 1  # the head in epoch 1, the highest stage in epoch 2
    batches = math.ceil(variant["images"] / variant["batch_size"])
    steps = (variant["epochs"] - wakes + 1) * batches
    return [steps, variant["factor"] ** variant["stages"]]


def woke_too_early(variant, parts, snapshots):
    """Return, for each epoch, the parts that moved in it and should have slept."""
    found = []
    for epoch, (before, after) in enumerate(itertools.pairwise(snapshots)):
        moved = {n.partition(".")[0] for n in before if not np.array_equal(before[n], after[n])}
        awake = parts[::-1][: epoch + 1]
        found.append([part for part in parts if part in moved and part not in awake])
    return found


def some_runs(rng, variant):
    """Draw runs as planned, from the bottom up, all at once, by a hair, and in the buffers."""
    kinds = ("planned", "bottom up", "at once", "hair", "buffers", "one epoch early", "once")
    for k, kind in enumerate((*kinds, *kinds)):
        stages = 11 if k < len(kinds) else int(rng.integers(2, 6))
        parts = [f"stage{n + 1}" for n in range(stages)] + ["head"]
        epochs = int(rng.integers(3, 6)) if k < len(kinds) else stages + 3
        snapshots = [_weights(rng, parts)]
        for epoch in range(epochs):
            snapshots.append(_after(rng, kind, parts, epoch, snapshots[-1]))
        yield parts, snapshots


def _weights(rng, parts):
    weights = {f"{part}.conv.weight": rng.normal(size=(2, 3)) for part in parts}
    weights |= {f"{part}.norm.running_mean": rng.normal(size=2) for part in parts[:-1]}
    return weights | {f"{part}.norm.num_batches_tracked": np.array(0) for part in parts[:-1]}


def _after(rng, kind, parts, epoch, before):
    after = {name: value.copy() for name, value in before.items()}
    ahead = epoch + 1 + (kind == "one epoch early")
    awake = {"bottom up": parts[: epoch + 1], "at once": parts}.get(kind, parts[::-1][:ahead])
    for part in awake:
        after[f"{part}.conv.weight"] += 0.1
    asleep = [part for part in parts if part not in awake]
    if asleep and kind == "hair":
        after[f"{rng.choice(asleep)}.conv.weight"][0, 0] += 1e-12
    if asleep and kind == "buffers":
        after[f"{rng.choice(asleep)}.norm.num_batches_tracked"] += 1
    if kind == "once" and epoch == 0:
        after["stage1.norm.running_mean"] += 1
    return after


def fair_gain(variant, validation, test, way, baseline):
    """Return the mean of the paired differences, each way at its own rate, and its interval."""
    best = {name: test[name][validation[name].mean(axis=1).argmax()] for name in (way, baseline)}
    differences = best[way] - best[baseline]
    low, high = ttest_1samp(differences, 0).confidence_interval(0.95)
    return [float(differences.mean()), float(low), float(high)]


def some_ablations(rng, variant):
    """Draw ablations in which the ways like other rates and some seeds are hard for all."""
    ways = ["all three", "without triangle", "plain"]
    for _ in range(10):
        rates, seeds = int(rng.integers(3, 6)), int(rng.integers(4, 9))
        hard = rng.uniform(-0.15, 0.15, seeds)
        likes = rng.permutation(rates)[:3]
        validation, test = {}, {}
        for way, liked in zip(ways, likes, strict=True):
            at_rate = 0.7 - 0.04 * abs(np.arange(rates)[:, None] - liked)
            validation[way], test[way] = (
                at_rate + hard + 0.06 * rng.normal(size=(rates, seeds)) for _ in range(2)
            )
        way, baseline = map(str, rng.permutation(ways)[:2])
        yield validation, test, way, baseline


def some_scripts(rng, variant):
    """Draw a script for a network to learn, and another of which there are few pictures."""
    old, new = Script(rng), Script(rng)
    model = learnt(*labelled(old, 600), epochs=8, seed=int(rng.integers(2**31)))
    yield Case(
        (weights_of(model), *labelled(new, SHOTS * CLASSES)),
        truth=(*labelled(new, 400), *labelled(old, 400)),
    )


def unfrozen_gradually(variant, weights, pictures, labels):
    """Return the weights after each round; each part learns at half the rate of the one above."""
    from cs826tl.networks import with_head
    from cs826tl.training import discriminative_rates, fit, freeze, unfreeze

    model = small_vgg()
    model.load_state_dict(weights)
    model = with_head(model, model.classes)
    rates, rounds = discriminative_rates(PARTS, 3e-3, factor=2), []
    for lowest in PARTS[:0:-1]:
        unfreeze(freeze(model), down_to=lowest)
        how = {"epochs": 3, "lr": rates, "batch_size": 16, "device": "cpu", "progress": False}
        fit(model, (pictures, labels), **how)
        rounds.append(weights_of(model))
    return rounds


def gradual_and_reached(variant, case, got):
    """Return what is wrong with the weights of the rounds, if anything."""
    if not isinstance(got, list) or len(got) not in ROUNDS:
        return "not a list of three to five state dictionaries"
    rounds = [weights for weights in map(received, got) if weights is not None]
    if len(rounds) < len(got):
        return NO_WEIGHTS
    if wrong := _out_of_turn([case[0], *rounds]):
        return wrong
    new, known, old, known_before = case.truth
    if accuracy(rounds[-1], new, known) < BAR:
        return f"below the bar of {100 * BAR:.0f} % on new pictures of the new script"
    old_head = {name: case[0][name] for name in ("head.weight", "head.bias")}
    if accuracy(rounds[-1] | old_head, old, known_before) < FLOOR:
        return f"below the floor of {100 * FLOOR:.0f} % on the old script"
    return ""


def _out_of_turn(snapshots):
    """Say which rule of gradual unfreezing the snapshots break, if any."""
    for number, (before, after) in enumerate(itertools.pairwise(snapshots), start=1):
        awake = PARTS[::-1][:number]
        if moved(before, after, free=awake):
            return "a run in which a part moved before its round"
        if not moved(before, after, free=[part for part in PARTS if part != awake[-1]]):
            return "a run in which a part did not learn in the round that wakes it"
    return ""


def what_it_took(variant, case, got):
    """Return what to ask about the last round, and the answer."""
    new, known, *_ = case.truth
    return ask_on_accuracy("unfreeze_gradually", case, got[-1], (new, known))


_ONE = {"stage1.weight": np.zeros(2), "stage2.weight": np.zeros(2), "head.weight": np.zeros(2)}
_TWO = _ONE | {"head.weight": np.ones(2), "stage1.weight": np.ones(2)}
_THREE = _TWO | {"head.weight": np.full(2, 2.0), "stage2.weight": np.ones(2)}
QUESTIONS = (
    Value(
        "left_for_stage1",
        points=2,
        hint="Write down which part wakes in which epoch, for a network of two stages first.",
        solution=left_for_stage1,
        tolerance=1e-3,
    ),
    Function(
        "woke_too_early",
        points=3,
        hint="Compare each snapshot with the one before it, tensor by tensor, exactly.",
        solution=woke_too_early,
        cases=some_runs,
        examples=[(["stage1", "stage2", "head"], [_ONE, _TWO, _THREE])],
    ),
    Function(
        "fair_gain",
        points=3,
        hint="Rates by the mean over seeds on validation, one for each way; differences by seed.",
        solution=fair_gain,
        cases=some_ablations,
        examples=[
            (
                {
                    "new": np.array([[0.5, 0.5, 0.5], [0.7, 0.6, 0.8]]),
                    "old": np.array([[0.5, 0.6, 0.7], [0.2, 0.8, 0.5]]),
                },
                {
                    "new": np.array([[0.9, 0.9, 0.9], [0.6, 0.7, 0.9]]),
                    "old": np.array([[0.5, 0.5, 0.8], [0.6, 0.7, 0.9]]),
                },
                "new",
                "old",
            )
        ],
    ),
    Function(
        "unfreeze_gradually",
        points=3,
        hint="In each round freeze all stages, unfreeze down to one part more, and train. If the "
        "old script is forgotten, lower parts learn too fast. Copy the weights after each round.",
        solution=unfrozen_gradually,
        cases=some_scripts,
        check=gradual_and_reached,
        talk=what_it_took,
        examples=[
            (
                blank_weights(),
                torch.zeros(50, 3, 8, 8, dtype=torch.uint8),
                torch.arange(50) % CLASSES,
            )
        ],
    ),
    Text(
        "what_for",
        points=2,
        criteria=(
            "1 point: shown is protection at a rate that is too high; the baseline had no rate of "
            "its own",
            "1 point: asks for several rates for each way, chosen on validation, and several seeds "
            "(or each idea removed alone)",
        ),
    ),
)
