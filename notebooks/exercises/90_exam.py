"""The rubric of the exam: predict what a run does to a network, then run it, and explain."""

import numpy as np
from sklearn.linear_model import Ridge

from cs826tl_grader import Function, Prediction, Text
from cs826tl_grader.exercise.signs import CLASSES, INK, Script

HIDDEN, PICTURES, BATCH = 64, 1000, 50
LOST, BAND = 10, 10  # points of accuracy


def draw_variant(rng):
    """Return what students know when they predict: all about the run, but for its pictures."""
    return {
        "paper": str(rng.choice(["black", "white"])),
        "momentum": float(rng.choice([0.01, 0.1])),
        "batches": int(rng.choice([3, 8, 20, 40])),
        "audit": str(rng.choice(["parameters", "state dictionary"])),
    }


def draw_run(rng, variant):
    """Return what comes with stage two: the seed under which scripts and weights are drawn."""
    return {"seed": int(rng.integers(2**31))}


def frozen_run(variant):
    """Return the state dictionaries before and after, and the two accuracies in per cent."""
    rng = np.random.default_rng(variant["seed"])
    old, new = Script(rng, spread=0.8), Script(rng, spread=0.8)
    labels, tested = old.digits(PICTURES), old.digits(PICTURES)
    pictures, test = old.write(labels) / INK, old.write(tested) / INK
    before = {"weight": rng.normal(size=(HIDDEN, 64)), "bias": rng.normal(size=HIDDEN)}
    codes = pictures @ before["weight"].T + before["bias"]
    before |= {"running_mean": codes.mean(axis=0), "running_var": codes.var(axis=0)}
    head = Ridge(1.0).fit(_features(before, pictures), np.eye(CLASSES)[labels])
    after = dict(before)
    for _ in range(variant["batches"]):
        batch = new.write(new.digits(BATCH)) / INK
        batch = batch if variant["paper"] == "black" else 1 - batch
        codes = batch @ before["weight"].T + before["bias"]
        seen = {"running_mean": codes.mean(axis=0), "running_var": codes.var(axis=0, ddof=1)}
        for name, value in seen.items():
            after[name] = (1 - variant["momentum"]) * after[name] + variant["momentum"] * value
    right = [
        100 * float((head.predict(_features(state, test)).argmax(axis=1) == tested).mean())
        for state in (before, after)
    ]
    return before, after, *right


def _features(state, pictures):
    codes = pictures @ state["weight"].T + state["bias"]
    codes = (codes - state["running_mean"]) / np.sqrt(state["running_var"] + 1e-5)
    return np.maximum(codes, 0)


def falls(variant):
    """Say whether the run loses more than ten points of the old accuracy."""
    *_, before, after = frozen_run(variant)
    return before - after > LOST


def kept(variant):
    """Return the old accuracy after the run, in per cent."""
    return frozen_run(variant)[-1]


def noticed(variant):
    """Say whether the audit finds a change: only buffers move, and parameters are no buffers."""
    return variant["audit"] == "state dictionary"


def share_replaced(variant, momentum, batches):
    """Return how much of a running mean comes from the batches, and not from before."""
    return 1 - (1 - momentum) ** batches


def some_momenta(rng, variant):
    """Draw momenta and numbers of batches; none, one, and a momentum of 0 and of 1 among them."""
    yield from [(0.1, 0), (0.3, 1), (0.0, 5), (1.0, 3)]
    for _ in range(8):
        yield float(rng.uniform(0.01, 0.5)), int(rng.integers(2, 40))


QUESTIONS = (
    Prediction("falls", 2, "Write a probability: a number from 0 to 1.", falls),
    Prediction("kept", 2, "Write an accuracy in per cent, such as 75.", kept, band=BAND),
    Prediction("noticed", 1, "Write a probability: a number from 0 to 1.", noticed),
    Function(
        "share_replaced",
        points=2,
        hint="Each batch leaves a share of 1 - momentum of what was there before.",
        solution=share_replaced,
        cases=some_momenta,
        examples=[(0.1, 1), (0.5, 2)],
    ),
    Text(
        "surprise",
        points=3,
        criteria=(
            "1 point: names the prediction that was furthest off (or which a colleague would get "
            "wrong), with both numbers from the student's own run",
            "1 point: the cause: batch normalization's buffers follow the new pictures in training "
            "mode, though no parameter moves; how far, by momentum and batches",
            "1 point: why the paper matters, or why that audit does or does not see it, and what "
            "would have prevented the loss (evaluation mode, frozen buffers)",
        ),
    ),
)
