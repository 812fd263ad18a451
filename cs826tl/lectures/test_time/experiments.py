"""Lecture 13b's cameras, which know clean pictures, and the streams that they are given [N07]."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import update_bn
from torchvision.transforms.functional import gaussian_blur

from cs826tl.data.loading import load_task
from cs826tl.data.tasks import Split
from cs826tl.methods.test_time import accuracy, batch_statistics, tent
from cs826tl.networks.heads import with_head
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training.evaluation import evaluate
from cs826tl.training.fitting import fit
from cs826tl.training.freezing import freeze, unfreeze

SHOTS, SIZE, SEVERITY = 200, 64, 4
STAR = "gaussian_noise"  # the lens of the lecture: smoothing by hand mends only a part of it
LONG = 5120  # pictures: 80 steps of TENT
RATES = (1e-3, 1e-2)  # of TENT: its authors', and ten times as much
LENSES = ("contrast", "fog", "gaussian_blur", "gaussian_noise", "jpeg_compression")


@lru_cache(maxsize=1)
def camera(seed: int = 0) -> StagedModel:
    """Return EfficientNet-Lite0, fine-tuned on 200 clean pictures of each of CIFAR-10's kinds."""
    task = load_task("cifar10", shots=SHOTS, seed=seed)
    task = replace(task, validation=task.validation[:10])  # nothing is chosen by it
    model = with_head(load_backbone("efficientnet_lite0", size=SIZE), task.classes, seed=seed)
    fit(freeze(model), task, epochs=10, lr=1e-2, seed=seed)
    fit(unfreeze(model), task, epochs=4, lr=1e-3, batch_size=32, seed=seed)
    return model


def only_a_head(seed: int = 0, *, at_home: bool) -> StagedModel:
    """Return a network of which only the head has learnt the clean pictures.

    Its statistics are ImageNet's, or, `at_home`, first become those of the clean pictures.
    """
    task = load_task("cifar10", shots=SHOTS, seed=seed)
    backbone = deepcopy(load_backbone("efficientnet_lite0", size=SIZE))
    if at_home:
        rows = np.random.default_rng(seed).permutation(len(task.train))  # it comes class by class
        update_bn(task.train[rows].inputs.split(100), backbone)
        backbone.eval()
    model = with_head(backbone, task.classes, seed=seed)
    fit(freeze(model), task, epochs=10, lr=1e-2, seed=seed)
    return model


def stream(
    lens: str = "clean", number: int = 1000, *, seed: int = 0, in_order: bool = False
) -> Split:
    """Return test pictures of CIFAR-10, drawn and mixed by the seed, as seen through a lens.

    `in_order` brings one class after the other.
    """
    task = load_task("cifar10", shots=1)
    rows = np.random.default_rng(seed).permutation(len(task.test))[:number]
    task = replace(task, test=task.test[rows], validation=task.validation[:1])
    seen = (task if lens == "clean" else task.corrupted(lens, severity=SEVERITY, seed=seed)).test
    return seen[seen.labels.argsort(stable=True)] if in_order else seen


def as_it_is(model: StagedModel, seen: Split) -> float:
    """Return the share that a network gets right as it is."""
    return evaluate(model, (seen.inputs, seen.labels))


def renewed(model: StagedModel, seen: Split, batch_size: int = 64, prior: float = 0) -> float:
    """Return the share that it gets right when each batch is normalised by its own statistics."""
    scores = batch_statistics(model, seen.inputs, batch_size=batch_size, prior=prior)
    return accuracy(scores, seen.labels)


def surer(model: StagedModel, seen: Split, lr: float) -> Tensor:
    """Return which of the pictures TENT gets right, as it goes along."""
    return tent(model, seen.inputs, lr=lr).argmax(1).cpu() == seen.labels


def mended(seen: Split, like: Split) -> dict[str, Split]:
    """Return the pictures as one would mend them by hand, each alone: stretched, and smoothed.

    `like` has clean pictures, whose contrast is the usual one. Neither needs a network or a batch;
    each helps against one fault, and somebody has to know which.
    """
    x = seen.inputs.float()
    mean, deviation = x.mean((2, 3), keepdim=True), x.std((2, 3), keepdim=True).clamp(min=1)
    usual = like.inputs.float().std((2, 3)).mean()
    stretched = (mean + (x - mean) * usual / deviation).clamp(0, 255).to(torch.uint8)
    smoothed = gaussian_blur(seen.inputs, kernel_size=[3, 3], sigma=[1.0, 1.0])
    pictures = {"stretched": stretched, "smoothed": smoothed}
    return {how: Split(inputs, seen.labels) for how, inputs in pictures.items()}


def with_statistics(seed: int) -> dict[str, float]:
    """Return the shares right as it is, mended by hand, and renewed: by lens, order and network."""
    model, found = camera(seed), {}
    like = load_task("cifar10", shots=SHOTS, seed=seed).train
    for lens in ("clean", *LENSES):
        seen = stream(lens, seed=seed)
        found[f"{lens}, as it is"] = as_it_is(model, seen)
        found[f"{lens}, renewed"] = renewed(model, seen)
        for how, pictures in mended(seen, like).items():
            found[f"{lens}, {how}"] = as_it_is(model, pictures)
    for lens in ("clean", STAR):
        found[f"{lens}, batches of 4, renewed"] = renewed(model, stream(lens, seed=seed), 4)
    seen = stream(STAR, seed=seed)
    found["batches of 4, home's count as 16"] = renewed(model, seen, 4, prior=16)
    in_order = stream(STAR, seed=seed, in_order=True)
    found["in order, renewed"] = renewed(model, in_order)
    found["in order, home's count as 64"] = renewed(model, in_order, prior=64)
    for at_home in (False, True):
        whose = "home's" if at_home else "ImageNet's"
        model = only_a_head(seed, at_home=at_home)
        for lens in ("clean", "contrast", "gaussian_noise"):
            seen = stream(lens, seed=seed)
            found[f"{whose}: {lens}, as it is"] = as_it_is(model, seen)
            found[f"{whose}: {lens}, renewed"] = renewed(model, seen)
    return found


def with_tent(seed: int) -> dict[str, float]:
    """Return the shares right in the later half of long streams, by TENT and by its rivals."""
    model, found = camera(seed), {}
    for lens, rates in {STAR: RATES, "clean": RATES[1:]}.items():
        seen = stream(lens, LONG, seed=seed)
        later = seen[LONG // 2 :]
        found[f"{lens}, renewed"] = renewed(model, later)
        found[f"{lens}, renewed by 256"] = renewed(model, later, 256)
        for lr in rates:
            found[f"{lens}, TENT {lr:g}"] = (
                surer(model, seen, lr)[LONG // 2 :].double().mean().item()
            )
    in_order = stream(STAR, LONG, seed=seed, in_order=True)
    found["in order, renewed"] = renewed(model, in_order)
    found["in order, TENT"] = surer(model, in_order, RATES[1]).double().mean().item()
    return found
