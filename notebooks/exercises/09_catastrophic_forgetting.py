"""The rubric of exercise 09: who forgot, and how to remember."""

import numpy as np
import torch
from scipy.special import softmax
from sklearn.linear_model import Ridge

import cs826tl as tl
from cs826tl_grader import Function, Text, Value
from cs826tl_grader.exercise.signs import CLASSES, INK, Script
from cs826tl_grader.exercise.trained import (
    ask_what_was_trained,
    known_and_new_script,
    network,
)

BAR, MAY_LOSE = 0.85, 0.15  # accuracy on the new script, and of that on the old one
QUIET = {"batch_size": 64, "device": "cpu", "progress": False}
HIDDEN = 64
PARTS = {
    "weights": ("stage.weight", "stage.bias"),
    "buffers": ("stage.running_mean", "stage.running_var"),
    "head": ("head.weight", "head.bias"),
}
TUNINGS = (  # what forgot, and what moved far beside it
    ("nothing", "nothing"),
    ("nothing", "head"),
    ("nothing", "stage"),
    ("weights", "nothing"),
    ("weights", "head"),
    ("buffers", "nothing"),
    ("buffers", "head"),
    ("head", "nothing"),
    ("head", "stage"),
    ("answers", "nothing"),
    ("answers", "stage"),
)


def draw_variant(rng):
    """Return accuracies of four tasks in a row, the first of which gains from the second."""
    table = rng.integers(5, 15, (4, 4))
    for row in range(4):
        table[row, row] = rng.integers(85, 96)
        table[row, :row] = table[row - 1, :row] - rng.integers(5, 25, row)
    table[1, 0] = table[0, 0] + rng.integers(1, 5)
    return {"accuracies": table.tolist()}


def mean_forgetting(variant):
    """Return the mean of best before minus last, over all tasks but the last."""
    *earlier, last = variant["accuracies"]
    forgotten = [max(column) - end for *column, end in zip(*earlier, last, strict=True)]
    return sum(forgotten[:-1]) / (len(last) - 1)


def fisher_information(variant, weights, codes):
    """Return the mean over pictures and the expectation over labels of the squared gradient."""
    total = np.zeros_like(weights)
    for code in codes:
        p = softmax(weights @ code)
        for label, probability in enumerate(p):
            gradient = np.outer((np.arange(len(p)) == label) - p, code)
            total += probability * gradient**2 / len(codes)
    return total


def some_classifiers(rng, variant):
    """Draw classifiers: of one picture, of zero weights, very sure ones, others."""
    yield rng.normal(size=(3, 4)), rng.normal(size=(1, 4))
    yield np.zeros((5, 2)), rng.normal(size=(6, 2))
    yield 2000 * rng.normal(size=(3, 4)), rng.normal(size=(5, 4))
    for _ in range(7):
        classes, features, pictures = (int(n) for n in rng.integers(2, 7, 3))
        yield 0.5 * rng.normal(size=(classes, features)), 2 * rng.normal(size=(pictures, features))


def accuracy(state, inputs, labels):
    """Return the accuracy of the small network of question 3."""
    codes = inputs @ state["stage.weight"].T + state["stage.bias"]
    codes = (codes - state["stage.running_mean"]) / np.sqrt(state["stage.running_var"] + 1e-5)
    scores = np.maximum(codes, 0) @ state["head.weight"].T + state["head.bias"]
    return (scores.argmax(axis=1) == labels).mean()


def who_forgot(variant, before, after, inputs, labels):
    """Return the part that brings back most when it alone is put back."""
    if accuracy(before, inputs, labels) - accuracy(after, inputs, labels) < 0.10:
        return "nothing"
    best = {}
    for part, names in PARTS.items():
        best[part] = accuracy(after | {n: before[n] for n in names}, inputs, labels)
    return max(best, key=best.get)


def some_fine_tunings(rng, variant):
    """Draw a culprit, or none, and beside it a part that moved far and lost nothing."""
    for culprit, bystander in rng.permutation(TUNINGS):
        script = Script(rng, spread=0.5)
        labels = script.digits(1000)
        images = script.write(labels) / INK
        before = _trained(rng, images, labels)
        after = _damaged(rng, culprit, _moved(bystander, before), images)
        yield before, after, images[:200], labels[:200]


def _moved(bystander, before):
    after = {name: value.copy() for name, value in before.items()}
    if bystander == "head":  # all scores grow alike
        after["head.weight"] *= 20
        after["head.bias"] *= 20
    if bystander == "stage":  # batch normalisation divides by what the weights have grown
        for name in ("stage.weight", "stage.bias", "stage.running_mean"):
            after[name] *= 5
        after["stage.running_var"] *= 25
    return after


def _damaged(rng, culprit, after, images):
    if culprit == "weights":
        after["stage.weight"] = rng.permuted(after["stage.weight"], axis=1)
    if culprit == "buffers":  # what batch normalisation sees in light pictures with dark strokes
        light = (1 - images) @ after["stage.weight"].T + after["stage.bias"]
        after["stage.running_mean"], after["stage.running_var"] = light.mean(0), light.var(0)
    if culprit == "head":
        after["head.weight"] = np.roll(after["head.weight"], 1, axis=0)
    if culprit == "answers":  # the head has learnt that it is never 0 to 4
        after["head.bias"][:5] -= 9
    return after


def _trained(rng, images, labels):
    """Return a network of random weights, the statistics of the images, and a fitted head."""
    weight, bias = rng.normal(size=(HIDDEN, 64)), rng.normal(size=HIDDEN)
    codes = images @ weight.T + bias
    mean, variance = codes.mean(axis=0), codes.var(axis=0)
    scaled = np.maximum((codes - mean) / np.sqrt(variance), 0)
    head = Ridge(1.0).fit(scaled, np.eye(CLASSES)[labels])
    return {
        "stage.weight": weight,
        "stage.bias": bias,
        "stage.running_mean": mean,
        "stage.running_var": variance,
        "head.weight": head.coef_.copy(),
        "head.bias": head.intercept_.copy(),
    }


def some_scripts(rng, variant):
    """Draw a network that reads one script, and pictures of another one."""
    yield known_and_new_script(rng)


def learns_and_keeps(variant, case, got):
    """Return what is wrong with the network's new state, if anything."""
    state, *_ = case
    if not isinstance(got, dict) or _shapes(got) != _shapes(state):
        return "not the state of this network: the same names and shapes"
    source, model = network(state), network(got)
    new, old = case.truth[:2], case.truth[2:]
    if tl.evaluate(model, new, device="cpu") < BAR:
        return "below the bar of 85 % on the new script"
    before, kept = (tl.evaluate(m, old, head=source.head, device="cpu") for m in (source, model))
    return "" if before - kept <= MAY_LOSE else "more than 15 points lost on the old script"


def what_it_took(variant, case, got):
    """Return what to ask about both accuracies and the parameters, and the answer."""
    state, *_ = case
    if not isinstance(got, dict) or _shapes(got) != _shapes(state):
        raise ValueError("not the state of this network")
    source, model = network(state), network(got)
    new = 100 * tl.evaluate(model, case.truth[:2], device="cpu")
    old = 100 * tl.evaluate(model, case.truth[2:], head=source.head, device="cpu")
    reached = f"reached {new:.0f} % on the new script and kept {old:.0f} % on the old one"
    return ask_what_was_trained("learn_new_script", state, got, reached)


def _shapes(state):
    return {name: np.shape(value) for name, value in state.items()}


def head_first(variant, state, images, labels):
    """Return the state after LP-FT: the head alone, then everything at a low rate."""
    model = network(state)
    model = tl.freeze(tl.with_head(model, model.classes))
    tl.fit(model, (images, labels), epochs=10, lr=1e-2, **QUIET)
    tl.fit(tl.unfreeze(model), (images, labels), epochs=5, lr=3e-4, **QUIET)
    return model.state_dict()


_STATE = {
    "stage.weight": np.eye(2),
    "stage.bias": np.zeros(2),
    "stage.running_mean": np.zeros(2),
    "stage.running_var": np.ones(2),
    "head.weight": np.eye(2),
    "head.bias": np.zeros(2),
}
_TWO = (np.array([[2.0, 1.0], [1.0, 2.0], [3.0, 1.0], [0.0, 1.0]]), np.array([0, 1, 0, 1]))
QUESTIONS = (
    Value(
        "mean_forgetting",
        points=1,
        hint="The best accuracy of a task need not be the one right after it was learnt.",
        solution=mean_forgetting,
        tolerance=1e-3,
    ),
    Function(
        "fisher_information",
        points=3,
        hint="With probability p_c the bracket is 1 - p_c, otherwise -p_c: square, then average.",
        solution=fisher_information,
        cases=some_classifiers,
        examples=[
            (np.zeros((2, 2)), np.array([[1.0, 2.0], [3.0, 0.0]])),
            (np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]), np.array([[1.0, 2.0]])),
        ],
    ),
    Function(
        "who_forgot",
        points=3,
        hint="Copy `after`, overwrite the two tensors of one part, measure; look at no distances.",
        solution=who_forgot,
        cases=some_fine_tunings,
        examples=[
            (_STATE, _STATE | {"head.weight": np.eye(2)[::-1].copy()}, *_TWO),
            (_STATE, _STATE | {"head.weight": 9 * np.eye(2)}, *_TWO),
        ],
    ),
    Function(
        "learn_new_script",
        points=3,
        hint="Freeze the stages and train a new head first. Then unfreeze everything, and train "
        "for a few epochs at a thirtieth of that rate.",
        solution=head_first,
        cases=some_scripts,
        check=learns_and_keeps,
        talk=what_it_took,
        examples=[
            (
                {name: torch.zeros_like(value) for name, value in network().state_dict().items()},
                np.repeat(np.uint8(25 * np.arange(10)), 5 * 64).reshape(50, 1, 8, 8),
                np.repeat(np.arange(10), 5),
            )
        ],
    ),
    Text(
        "which_remedy",
        points=2,
        criteria=(
            "1 point: something is kept before deletion: Fisher information with the old weights "
            "(for EWC), or at least the old model and head, with a reason",
            "1 point: a remedy that needs no old pictures (EWC, L2-SP, distillation, a low rate, "
            "freezing), and says why replay is out; measured beside a low rate alone",
        ),
    ),
)
