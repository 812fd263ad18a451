"""The rubric of exercise 13: what an adapter costs, merging, mixing, and LoRA on a budget."""

import numpy as np
import torch

import cs826tl as tl
from cs826tl_grader import Function, Text, Value
from cs826tl_grader.exercise.signs import CLASSES
from cs826tl_grader.exercise.trained import (
    ALPHA,
    NO_ADAPTERS,
    adapted,
    judge_adapters,
    known_and_new_script,
    network,
)

BARS = {"budget": 20_000, "bar": 0.85, "may_lose": 0.12}  # bytes, and shares of the pictures
QUIET = {"batch_size": 64, "device": "cpu", "progress": False}
WEIGHTS = np.linspace(0, 1, 11)


def draw_variant(rng):
    """Return the layers of a network, as inputs and outputs, and a rank."""
    layers = [[int(16 * rng.integers(4, 40)), int(16 * rng.integers(4, 40))] for _ in range(3)]
    return {"layers": layers, "rank": int(rng.integers(2, 9))}


def adapter_bytes(variant):
    """Return what adapters of all layers take, at four bytes a number."""
    return 4 * variant["rank"] * sum(a + b for a, b in variant["layers"])


def merged_weight(variant, weight, down, up, alpha):
    """Return the weight with the adapter added."""
    return weight + alpha / len(down) * up @ down


def some_adapters(rng, variant):
    """Draw layers of one output, of one input, of rank one, and others."""
    shapes = [(1, 5, 2), (4, 1, 1), (3, 3, 3)]
    shapes += [tuple(int(n) for n in rng.integers(2, 9, 3)) for _ in range(6)]
    for outputs, inputs, rank in shapes:
        weight, down = rng.normal(size=(outputs, inputs)), rng.normal(size=(rank, inputs))
        yield weight, down, rng.normal(size=(outputs, rank)), float(rng.choice([1.0, 8.0, 16.0]))


def accuracy(weights, codes, labels):
    """Return the accuracy of a linear classifier."""
    return ((codes @ weights.T).argmax(axis=1) == labels).mean()


def best_weight(variant, first, second, source, target, floor):
    """Return the weight that is best on the target among those that keep enough of the source."""
    best, reached = 0.0, -1.0
    for weight in WEIGHTS:
        mixed = (1 - weight) * first + weight * second
        if accuracy(mixed, *source) >= floor and accuracy(mixed, *target) > reached:
            best, reached = float(weight), accuracy(mixed, *target)
    return best


def some_lines(rng, variant):
    """Draw two classifiers, pictures of two tasks, and floors: low, impossible, others."""
    for floor in (0.0, 0.05, 0.1, 1.01, *rng.uniform(0.5, 0.9, 6)):
        first, second = rng.normal(size=(2, 4, 6))
        where, tasks = rng.uniform(0.4, 0.9), []  # the target is best read before the end
        for weights in (first, (1 - where) * first + where * second):
            codes = rng.normal(size=(150, 6))
            scores = codes @ weights.T + rng.normal(size=(150, 4))
            tasks.append((codes, scores.argmax(axis=1)))
        yield first, second, *tasks, float(floor)


def some_scripts(rng, variant):
    """Draw a network that reads one script, and pictures of another one."""
    yield known_and_new_script(rng)


def cheap_and_robust(variant, case, got):
    """Return what is wrong with the adapters and the head that came back, if anything."""
    state, *_ = case
    return judge_adapters(state, got, case.truth[:2], case.truth[2:], **BARS)


def what_it_stores(variant, case, got):
    """Return what to ask about the bytes that are stored, and the answer."""
    state, *_ = case
    if not isinstance(got, dict) or (model := adapted(state, got)) is None:
        raise ValueError(NO_ADAPTERS)
    stored = sum(np.asarray(value).nbytes for value in got.values())
    whole = sum(tensor.nbytes for tensor in network().state_dict().values())
    right = tl.evaluate(model, case.truth[:2], device="cpu")
    ask = (
        f"Your `tune_on_budget` stored {stored:,} bytes and read {100 * right:.0f} % of the new "
        f"script. The whole network has {whole:,} bytes. How many scripts fit into 100 MB, if you "
        "store what you returned, and if you store whole networks?"
    )
    return (
        ask,
        f"{int((1e8 - whole) // stored):,} beside one network; {int(1e8 // whole):,} networks",
    )


def with_lora(variant, state, images, labels):
    """Return adapters of rank 1 and a head, trained one after the other."""
    model = network(state)
    model = tl.add_lora(tl.with_head(model, model.classes), rank=1, alpha=ALPHA)
    tl.fit(tl.freeze(model), (images, labels), epochs=10, lr=1e-2, **QUIET)
    tl.fit(tl.unfreeze(model), (images, labels), epochs=10, lr=1e-3, **QUIET)
    return tl.training.task_state(model)


_CODES = (np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]]), np.array([0, 1, 0]))
_TURNED = (_CODES[0], np.array([1, 0, 1]))
QUESTIONS = (
    Value(
        "adapter_bytes",
        points=1,
        hint="An adapter has rank times (inputs + outputs) numbers; each takes four bytes.",
        solution=adapter_bytes,
    ),
    Function(
        "merged_weight",
        points=2,
        hint="`up @ down` has the shape of the weight; the rank is the number of rows of `down`.",
        solution=merged_weight,
        cases=some_adapters,
        examples=[
            (np.eye(2), np.array([[1.0, 2.0]]), np.array([[1.0], [0.0]]), 1.0),
            (np.zeros((2, 2)), np.eye(2), np.eye(2), 8.0),
        ],
    ),
    Function(
        "best_weight",
        points=3,
        hint="Leave out the weights whose source accuracy is below the floor first; then compare.",
        solution=best_weight,
        cases=some_lines,
        examples=[
            (np.eye(2), np.eye(2)[::-1].copy(), _CODES, _TURNED, 0.0),
            (np.eye(2), np.eye(2)[::-1].copy(), _CODES, _TURNED, 0.9),
        ],
    ),
    Function(
        "tune_on_budget",
        points=4,
        hint="Adapters of rank 1 and the head fit into the budget. Train the head first, then both "
        "at a low rate: the adapters must not move far.",
        solution=with_lora,
        cases=some_scripts,
        check=cheap_and_robust,
        talk=what_it_stores,
        examples=[
            (
                {name: torch.zeros_like(value) for name, value in network().state_dict().items()},
                np.repeat(np.uint8(25 * np.arange(CLASSES)), 5 * 64).reshape(50, 1, 8, 8),
                np.repeat(np.arange(CLASSES), 5),
            )
        ],
    ),
    Text(
        "which_way",
        points=2,
        criteria=(
            "1 point: says what is scarce here (bytes stored for each task) and names a way that "
            "saves it (LoRA, biases, normalization, a head), with a number or an order of size",
            "1 point: names the control: the same quality from a head alone, or from everything at "
            "a lower rate, measured on validation data with a rate of its own",
        ),
    ),
)
