"""Lecture 13: the rate of every way of fine-tuning, on validation data of other seeds.

Usage: `python -m tools.tuning.lecture_13`. The lecture takes of each way the rate with the best
mean accuracy on the target's validation split. The test splits are touched by one table only, which
says what more epochs would change.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import numpy as np
import pandas as pd
import torch
from torch import nn

import cs826tl as tl
from cs826tl.data.tasks import Task
from cs826tl.networks.staging import StagedModel

SEEDS = range(100, 103)
RATES = (3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)
EPOCHS, SHOTS = 8, 20
CHOSEN = {"head": 3e-2, "biases": 1e-1, "normalisation": 3e-2, "LoRA": 3e-3, "all": 1e-3}
Way = Callable[[StagedModel], StagedModel]


def train_only(model: StagedModel, chosen: Callable[[nn.Module, str], bool]) -> StagedModel:
    """Freeze all but the head and the parameters that are chosen by their layer and name."""
    tl.freeze(model)
    for layer in model.stages.modules():
        for name, parameter in layer.named_parameters(recurse=False):
            parameter.requires_grad = chosen(layer, name)
    return model


def is_norm(layer: nn.Module, _: str = "") -> bool:
    """Say whether a layer is batch normalisation."""
    return isinstance(layer, nn.BatchNorm2d)


WAYS: dict[str, Way] = {
    "head": lambda model: tl.freeze(model),
    "biases": lambda model: train_only(model, lambda _, name: name == "bias"),
    "normalisation": lambda model: train_only(model, is_norm),
    "LoRA": lambda model: tl.add_lora(model, rank=1),
    "last stages": lambda model: tl.freeze(model, through="block2"),
    "all but normalisation": lambda model: train_only(model, lambda m, name: not is_norm(m)),
    "all": lambda model: model,
}


def source(task: Task, seed: int) -> StagedModel:
    """Return the small network, trained on the source task."""
    model = tl.load_backbone("small_vgg", weights="random", size=16, seed=seed)
    model = tl.with_head(model, task.classes, seed=seed)
    for lr, epochs in ((2e-3, 2), (4e-4, 1)):
        tl.fit(model, task, epochs=epochs, lr=lr, batch_size=64, seed=seed, progress=False)
    return model


def rates() -> pd.DataFrame:
    """Return target and source validation accuracy of every way: a column for each rate."""
    mnist, digits = tl.load_pair("mnist_to_digits")
    sources = {seed: source(mnist, seed) for seed in SEEDS}

    def accuracies(way: Way, lr: float) -> str:
        found = []
        for seed in SEEDS:
            model = way(deepcopy(sources[seed]))
            few = tl.few_shot(digits, SHOTS, seed)
            tl.fit(model, few, epochs=EPOCHS, lr=lr, seed=seed, progress=False)
            found.append([tl.evaluate(model, task, "validation") for task in (digits, mnist)])
        target, kept = torch.tensor(found).mean(0).tolist()
        return f"{target:.3f} ({kept:.2f})"

    table = {name: {lr: accuracies(way, lr) for lr in RATES} for name, way in WAYS.items()}
    return pd.DataFrame.from_dict(table, orient="index")


def longer() -> pd.DataFrame:
    """Return how far ways are behind training all on UCI's test split, after more epochs.

    Nothing is chosen by it: seeds and rates are the lecture's.
    """
    mnist, digits = tl.load_pair("mnist_to_digits")
    sources = {seed: source(mnist, seed) for seed in range(10)}

    def accuracies(name: str, epochs: int) -> np.ndarray:
        found = []
        for seed, model in sources.items():
            tuned = WAYS[name](deepcopy(model))
            few = tl.few_shot(digits, SHOTS, seed)
            tl.fit(tuned, few, epochs=epochs, lr=CHOSEN[name], seed=seed, progress=False)
            found.append(tl.evaluate(tuned, digits))
        return np.array(found)

    table = {}
    for epochs in (EPOCHS, 2 * EPOCHS, 4 * EPOCHS):
        best = accuracies("all", epochs)
        behind = {name: best - accuracies(name, epochs) for name in CHOSEN if name != "all"}
        table[epochs] = {n: tl.Check("", b, at_most=0.05).found for n, b in behind.items()}
    return pd.DataFrame(table).rename_axis(columns="epochs")


def both_domains() -> Task:
    """Return the digits 0 to 4 of MNIST and of UCI in one task."""
    first, second = (tl.load_task(f"{name}_0_4") for name in ("mnist", "digits"))
    large = nn.functional.interpolate(second.train.inputs.float(), size=28, mode="bilinear")
    pairs = (first.train.inputs, large.to(torch.uint8)), (first.train.labels, second.train.labels)
    inputs, labels = (torch.cat(pair) for pair in pairs)
    return Task.from_dataset((inputs, labels), classes=first.classes)


def head_then_all() -> pd.DataFrame:
    """Return validation accuracy on MNIST's 5 to 9: rates of the head alone and of everything."""
    few_of, found = tl.load_task("mnist_5_9"), {}
    sources = {seed: source(both_domains(), seed) for seed in SEEDS}
    for lr in RATES:
        scores = []
        for seed in SEEDS:
            few = tl.few_shot(few_of, SHOTS, seed)
            models = [tl.with_head(sources[seed], few.classes, seed=seed) for _ in range(2)]
            tl.fit(tl.freeze(models[0]), few, epochs=20, lr=lr, seed=seed, progress=False)
            tl.fit(models[1], few, epochs=EPOCHS, lr=lr, seed=seed, progress=False)
            scores.append([tl.evaluate(model, few_of, "validation") for model in models])
        found[lr] = torch.tensor(scores).mean(0).tolist()
    return pd.DataFrame(found, index=["head alone, 20 epochs", "everything"]).round(3)


def main() -> None:
    """Print the tables."""
    for heading, table in (
        ("MNIST to UCI: target (source) accuracy by rate", rates),
        ("MNIST to UCI: behind training all, on the test split", longer),
        ("5 to 9 of MNIST: validation accuracy by rate", head_then_all),
    ):
        print(f"{heading}\n{table().to_string()}\n", flush=True)


if __name__ == "__main__":
    main()
