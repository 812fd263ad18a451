"""What training a model will cost, before it is trained: parameters, memory, seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch import Tensor

from cs826tl.devices import device_of, pick_precision, place
from cs826tl.networks.staging import StagedModel, check_staged
from cs826tl.training.batches import answering
from cs826tl.training.codes import frozen_prefix
from cs826tl.training.freezing import frozen_stages

# A backward pass through a stage costs about twice its forward pass: once for the gradient of its
# input, once for that of its weights. A frozen stage above a trainable one needs the first only.
BACKWARD_INPUT = BACKWARD_WEIGHTS = 1.0
ADAM_MOMENTS = 2  # numbers that AdamW keeps for every trainable one


@dataclass(frozen=True)
class Cost:
    """What `fit` is predicted to take: parameters, bytes, seconds."""

    trainable: int
    parameters: int
    gradient_bytes: int
    optimizer_bytes: int
    codes_seconds: float
    epoch_seconds: float


def stage_seconds(model: StagedModel, inputs: Tensor, *, repeats: int = 3) -> dict[str, float]:
    """Measure each part's forward pass over this batch, in seconds per image.

    The fastest of `repeats` counts, after one to warm up. Time spent on preprocessing counts with
    the first stage. Every part keeps its mode.

    Raises `TypeError` for a model that is not yet staged.

    >>> from cs826tl import load_backbone, load_task
    >>> model = load_backbone("small_vgg", weights="random")
    >>> list(stage_seconds(model, load_task("digits").test.inputs[:8]))
    ['block1', 'block2', 'block3', 'fc', 'head']
    """
    check_staged(model)
    device = device_of(model)
    number_type = pick_precision(device)
    best = dict.fromkeys(model.parts, float("inf"))
    for _ in range(repeats + 1):  # the first also warms up
        x: Tensor | None = None
        for name, part in model.parts.items():
            start = time.perf_counter()
            with answering(device, number_type, model):
                x = part(model.preprocess(place(inputs, device)) if x is None else x)
            if device.type == "cuda":
                torch.cuda.synchronize(device)
            best[name] = min(best[name], (time.perf_counter() - start) / len(inputs))
    return best


def predict_cost(
    model: StagedModel, images: int, seconds: dict[str, float], *, validation: int = 0
) -> Cost:
    """Predict what `fit` will take on this number of training `images`, as the model is frozen.

    `seconds` comes from `stage_seconds`. The frozen stages at the bottom run once, for their codes
    (`codes_seconds`); the parts above run forward and, from the lowest trainable one up, backward
    in every epoch. `validation` images are run forward only, after every epoch.

    Raises `TypeError` for a model that is not yet staged.

    >>> from cs826tl import freeze, load_backbone
    >>> model = freeze(load_backbone("small_vgg", weights="random"))
    >>> cost = predict_cost(model, 100, dict.fromkeys(model.parts, 0.001))
    >>> cost.trainable, round(cost.codes_seconds, 3), round(cost.epoch_seconds, 3)
    (1290, 0.4, 0.2)
    """
    check_staged(model)
    names = list(model.parts)
    frozen, prefix = frozen_stages(model), frozen_prefix(model)
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    once = sum(seconds[name] for name in names[:prefix])
    forward = sum(seconds[name] for name in names[prefix:])
    backward = 0.0
    for place_in_row, name in enumerate(names[prefix:]):
        needs_input_gradient = place_in_row > 0  # nothing trainable lies below the first
        passes = BACKWARD_INPUT * needs_input_gradient + BACKWARD_WEIGHTS * (name not in frozen)
        backward += seconds[name] * passes
    return Cost(
        trainable=trainable,
        parameters=sum(p.numel() for p in model.parameters()),
        gradient_bytes=4 * trainable,
        optimizer_bytes=4 * ADAM_MOMENTS * trainable,
        codes_seconds=(images + validation) * once,
        epoch_seconds=images * (forward + backward) + validation * forward,
    )
