"""The rubric of exercise 07: what is frozen stays frozen."""

import numpy as np
import torch

from cs826tl_grader import Case, Function, Text, Value
from cs826tl_grader.exercise.signs import CLASSES, Script
from cs826tl_grader.exercise.trained import (
    ask_on_accuracy,
    blank_weights,
    judge_retrained,
    labelled,
    learnt,
    small_vgg,
    weights_of,
)

STAGES = ("block1", "block2", "block3", "fc")
BLOCK = 2 * (1 + 2)  # two convolutions without a bias, each with batch normalisation behind it
TENSORS = {"block1": BLOCK, "block2": BLOCK, "block3": BLOCK, "fc": 2}
HEAD = 2
SHOTS = 5
BAR = 0.70


def draw_variant(rng):
    """Return how far the network of question 1 is frozen, and how many classes it has."""
    return {"through": str(rng.choice(STAGES[:2])), "classes": int(rng.integers(3, 9))}


def trainable_tensors(variant):
    """Return how many tensors of parameters are left to train."""
    above = STAGES[STAGES.index(variant["through"]) + 1 :]
    return HEAD + sum(TENSORS[stage] for stage in above)


def trainable_names(variant, names, stages, through):
    """Return the names that are not frozen."""
    frozen = [] if through is None else stages[: stages.index(through) + 1]
    return [name for name in names if name.partition(".")[0] not in frozen]


def some_names(rng, variant):
    """Draw networks of up to twelve stages; frozen nowhere, at the first, at the last, between."""
    for k in range(12):
        count = 12 if k < 4 else int(rng.integers(1, 12))
        stages = [f"stage{n + 1}" for n in range(count)]
        parts = ("conv.weight", "norm.weight", "norm.bias")
        names = [f"{stage}.{part}" for stage in stages for part in parts]
        names += ["head.weight", "head.bias"]
        last = (None, "stage1", stages[-1], stages[count // 2])
        yield names, stages, last[k] if k < 4 else str(rng.choice(stages))


def moved_although_frozen(variant, before, after, frozen):
    """Return the names in the frozen part that changed."""
    both = set(before) & set(after)
    changed = set(before) ^ set(after)
    for name in both:
        one, two = np.asarray(before[name]), np.asarray(after[name])
        if one.shape != two.shape or not np.array_equal(one, two, equal_nan=True):
            changed.add(name)
    return sorted(name for name in changed if name.partition(".")[0] == frozen)


def some_runs(rng, variant):
    """Draw runs in which nothing moved, one tensor, a running mean, much; or came or went."""
    shapes = {"weight": (3, 4), "bias": (3,), "running_mean": (3,), "running_var": (3,)}
    for k in range(12):
        part = ("stages", "stage")[k % 2]
        names = [f"{p}.{n}" for p in (part, f"{part}2", "head") for n in shapes]
        before = {n: rng.normal(size=shapes[n.partition(".")[2]]) for n in names}
        before |= {f"{part}.num_batches_tracked": np.array(int(rng.integers(0, 5)))}
        before[f"{part}.nan"] = np.array([1.0, np.nan])
        after = {name: value.copy() for name, value in before.items()}
        after["head.weight"] = after["head.weight"] + 1
        if k > 1:
            name = str(rng.choice([n for n in after if not n.endswith("nan")]))
            after[name] = after[name] + 1
        if k > 3:
            after[f"{part}.running_mean"] = after[f"{part}.running_mean"] + 1e-9
        if k > 5:
            after[f"{part}.num_batches_tracked"] = after[f"{part}.num_batches_tracked"] + 3
        if k > 7:
            after[f"{part}.weight"][0, 0] += 1e-12
        if k == 9:
            del after[f"{part}.bias"]
        if k == 11:
            after[f"{part}.scale"] = np.ones(3)
        yield before, after, part


def some_writers(rng, variant):
    """Draw two networks, each with a few signs of another hand than those that it has learnt."""
    for change in (0.3, 0.4):
        script = Script(rng)
        model = learnt(*labelled(script, 600), seed=int(rng.integers(2**31)))
        other = Script(rng)
        other.shapes = (script.shapes + change * other.shapes)[_renamed(rng)]
        yield Case(
            (weights_of(model), *labelled(other, SHOTS * CLASSES)), truth=labelled(other, 400)
        )


def _renamed(rng):
    """Return an order of the signs in which none keeps its number."""
    return np.roll(np.arange(CLASSES), int(rng.integers(1, CLASSES)))


def with_new_head(variant, weights, pictures, labels):
    """Return the weights with a new head that was trained on the codes of the pictures."""
    from cs826tl.networks import with_head
    from cs826tl.training import fit, freeze

    model = small_vgg()
    model.load_state_dict(weights)
    model = freeze(with_head(model, model.classes))
    fit(model, (pictures, labels), epochs=40, lr=1e-2, device="cpu", progress=False)
    return weights_of(model)


def kept_and_reached(variant, case, got):
    """Return what is wrong with the weights, if anything."""
    return judge_retrained(case[0], got, ("head",), case.truth, BAR)


def what_it_took(variant, case, got):
    """Return what to ask about the accuracy and the parameters, and the answer."""
    return ask_on_accuracy("fit_head", case, got, case.truth)


_EXAMPLE = [f"stage{k}.{part}" for k in (1, 2, 10) for part in ("weight", "bias")]
QUESTIONS = (
    Value(
        "trainable_tensors",
        points=1,
        hint="How many tensors has one block? Then count what lies above the last frozen stage, up "
        "to the head.",
        solution=trainable_tensors,
    ),
    Function(
        "trainable_names",
        points=2,
        hint="Compare whole stage names: 'stage10' begins with 'stage1' as well.",
        solution=trainable_names,
        cases=some_names,
        examples=[
            ([*_EXAMPLE, "head.weight"], ["stage1", "stage2", "stage10"], "stage1"),
            ([*_EXAMPLE, "head.weight"], ["stage1", "stage2", "stage10"], None),
        ],
    ),
    Function(
        "moved_although_frozen",
        points=3,
        hint="Compare every tensor exactly, whole numbers and buffers too; NaN equals NaN here.",
        solution=moved_although_frozen,
        cases=some_runs,
        as_set=True,
        examples=[
            (
                {"stages.weight": np.ones(2), "stages.running_mean": np.zeros(2)},
                {"stages.weight": np.ones(2), "stages.running_mean": np.array([0.0, 0.1])},
                "stages",
            )
        ],
    ),
    Function(
        "fit_head",
        points=3,
        hint="Freeze all stages and give the network a new head. A head has few weights: it bears "
        "a high rate, and it needs many epochs, which cost little on frozen codes.",
        solution=with_new_head,
        cases=some_writers,
        check=kept_and_reached,
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
        "why_not_tune",
        points=2,
        criteria=(
            "1 point: a linear classifier (or few weights) on frozen codes first, with a reason "
            "that speaks of the number of labels",
            "1 point: depth chosen on validation because X-rays differ, or when tuning pays "
            "(many labels)",
        ),
    ),
)
