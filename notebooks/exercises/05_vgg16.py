"""The rubric of exercise 05: count a network, and retrain its top."""

import numpy as np
import torch

from cs826tl_grader import Case, Function, Text, Value
from cs826tl_grader.exercise.signs import CLASSES, Script
from cs826tl_grader.exercise.trained import (
    PARTS,
    ask_on_accuracy,
    blank_weights,
    judge_retrained,
    labelled,
    learnt,
    small_vgg,
    weights_of,
)

MEAN = np.array([0.485, 0.456, 0.406]).reshape(3, 1, 1)
SPREAD = np.array([0.229, 0.224, 0.225]).reshape(3, 1, 1)
WAYS = {
    "raw": lambda x: x,
    "unit": lambda x: x / 255,
    "lite0": lambda x: (x - 127) / 128,
    "imagenet": lambda x: (x / 255 - MEAN) / SPREAD,
}

THROUGH = "block2"  # the last block that has to stay as it is
SHOTS = 20
BAR = 0.70


def draw_variant(rng):
    """Return the size of the pictures for which question 1 builds VGG16."""
    return {"size": 32 * int(rng.integers(3, 12))}


def first_weights(variant):
    """Return the weights between the last convolution and 4096 units."""
    return (variant["size"] // 32) ** 2 * 512 * 4096


def receptive_field(variant, layers):
    """Return the width of the patch that one number depends on."""
    width, step = 1, 1
    for kernel, stride in layers:
        width, step = width + (kernel - 1) * step, step * stride
    return width


def some_networks(rng, variant):
    """Draw rows of layers: none, one, VGG16's thirteen convolutions and five poolings, others."""
    yield ([],)
    yield ([[5, 3]],)
    yield ([[3, 2], [3, 1]],)
    vgg = [[3, 1]] * 2 + [[2, 2]] + [[3, 1]] * 2 + [[2, 2]]
    yield (vgg + ([[3, 1]] * 3 + [[2, 2]]) * 3,)
    for _ in range(8):
        count = int(rng.integers(2, 8))
        yield ([[int(rng.integers(1, 8)), int(rng.integers(1, 4))] for _ in range(count)],)


def some_pictures(rng, variant):
    """Draw pictures preprocessed in each way; dark ones, bright ones, and of all values."""
    for low, high in ((0, 256), (0, 3), (250, 256), (100, 140)):
        for way in rng.permutation(list(WAYS)):
            pictures = rng.integers(low, high, (2, 3, 8, 8)).astype(np.float64)
            yield (WAYS[str(way)](pictures),)


def which_preprocessing(variant, pictures):
    """Return the one way that can be undone into whole numbers from 0 to 255."""
    undone = {
        "raw": pictures,
        "unit": pictures * 255,
        "lite0": pictures * 128 + 127,
        "imagenet": (pictures * SPREAD + MEAN) * 255,
    }
    for way, values in undone.items():
        whole = np.abs(values - values.round()).max() < 0.01
        if whole and values.min() > -0.5 and values.max() < 255.5:
            return way
    raise ValueError("preprocessed in none of the four ways")


def some_networks_to_retrain(rng, variant):
    """Draw a script for a network to learn, and another of which there are few pictures."""
    pictures, labels = labelled(Script(rng), 600)
    model = learnt(pictures, labels, seed=int(rng.integers(2**31)))
    new = Script(rng)
    few, known = labelled(new, SHOTS * CLASSES)
    yield Case((weights_of(model), few, known), truth=labelled(new, 400))


def retrained(variant, weights, pictures, labels):
    """Return the weights after training whatever lies above the frozen blocks."""
    from cs826tl.training import fit, freeze

    model = small_vgg()
    model.load_state_dict(weights)
    freeze(model, through=THROUGH)
    fit(model, (pictures, labels), epochs=12, lr=3e-3, device="cpu", progress=False)
    return weights_of(model)


def kept_and_reached(variant, case, got):
    """Return what is wrong with the weights, if anything."""
    free = PARTS[PARTS.index(THROUGH) + 1 :]
    return judge_retrained(case[0], got, free, case.truth, BAR)


def what_it_took(variant, case, got):
    """Return what to ask about the accuracy and the parameters, and the answer."""
    return ask_on_accuracy("retrain_top", case, got, case.truth)


QUESTIONS = (
    Value(
        "first_weights",
        points=1,
        hint="Five halvings divide height and width by 32; every number there meets every unit.",
        solution=first_weights,
    ),
    Function(
        "receptive_field",
        points=3,
        hint="A layer's own stride makes the steps of the layers after it longer, not its own.",
        solution=receptive_field,
        cases=some_networks,
        examples=[([[3, 1], [3, 1]],), ([[2, 2], [3, 1]],)],
    ),
    Function(
        "which_preprocessing",
        points=3,
        hint="Undo each way: only the right one gives whole numbers from 0 to 255 everywhere.",
        solution=which_preprocessing,
        cases=some_pictures,
        examples=[
            (np.arange(192.0).reshape(1, 3, 8, 8),),
            (np.arange(192.0).reshape(1, 3, 8, 8) / 255,),
        ],
    ),
    Function(
        "retrain_top",
        points=3,
        hint="Switching off gradients is half of it: in training mode, batch normalization goes on "
        "counting in frozen blocks too. Then train until the rest has learnt enough.",
        solution=retrained,
        cases=some_networks_to_retrain,
        check=kept_and_reached,
        talk=what_it_took,
        examples=[
            (
                blank_weights(),
                torch.zeros(40, 3, 8, 8, dtype=torch.uint8),
                torch.arange(40) % CLASSES,
            )
        ],
    ),
    Text(
        "why_4096",
        points=2,
        criteria=(
            "1 point: the last layer answers ImageNet's own classes, the one before holds features",
            "1 point: further down for pictures unlike ImageNet's, with a reason",
        ),
    ),
)
