"""Lecture 14: the rate of every kind of network, on validation data of other seeds.

Usage: `python -m tools.tuning.lecture_14`. A kind is an architecture and the depth at which it is
cut. For each the lecture takes the rate with the best mean accuracy over sources, targets and seeds
on the targets' validation splits. The test splits are not touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import torch

import cs826tl as tl
from cs826tl.data.tasks import Split, Task
from cs826tl.networks.staging import StagedModel

SEEDS = range(100, 102)
RATES = (3e-4, 1e-3, 3e-3, 1e-2)
EPOCHS, SHOTS = 8, 20
SOURCES_OF = {
    "digits": ("MNIST", "photographs", "shuffled labels", "random weights"),
    "mnist_5_9": ("0 to 4", "UCI's digits", "photographs", "random weights"),
    "photos": ("MNIST", "UCI's digits", "shuffled labels", "random weights"),
}
DEPTHS = {"small": ("block2", "fc"), "Lite0": ("stage5", "stage9")}


def source(task: Task | None, seed: int) -> StagedModel:
    """Return the small network, trained on a task, or not at all."""
    model = tl.load_backbone("small_vgg", weights="random", size=16, seed=seed)
    if task is None:
        return model
    model = tl.with_head(model, task.classes, seed=seed)
    for lr, epochs in ((2e-3, 2), (4e-4, 1)):
        tl.fit(model, task, epochs=epochs, lr=lr, batch_size=64, seed=seed, progress=False)
    return model


def shuffled(task: Task, seed: int) -> Task:
    """Return the task with its training labels in another order."""
    order = torch.randperm(len(task.train), generator=torch.Generator().manual_seed(seed))
    return replace(task, train=Split(task.train.inputs, task.train.labels[order]))


def sources(seed: int) -> dict[str, StagedModel]:
    """Return the small network from every source."""
    mnist = tl.load_task("mnist")
    tasks = {
        "MNIST": mnist,
        "0 to 4": tl.load_task("mnist_0_4"),
        "UCI's digits": tl.load_task("digits"),
        "photographs": tl.load_task("photos"),
        "shuffled labels": shuffled(mnist, seed),
        "random weights": None,
    }
    return {name: source(task, seed) for name, task in tasks.items()}


def tuned(lr: float) -> Iterator[tuple[tuple[str, str], float]]:
    """Fine-tune every candidate on every target; yield its kind and its validation accuracy."""
    lite0 = tl.load_backbone("efficientnet_lite0", size=32)
    for seed in SEEDS:
        small = sources(seed)
        for target, names in SOURCES_OF.items():
            task = tl.load_task(target)
            few = tl.few_shot(task, SHOTS, seed)
            found = [("small", small[name]) for name in names] + [("Lite0", lite0)]
            for kind, network in found:
                for depth in DEPTHS[kind]:
                    model = tl.with_head(network, task.classes, through=depth, seed=seed)
                    tl.fit(model, few, epochs=EPOCHS, lr=lr, seed=seed, progress=False)
                    yield (kind, depth), tl.evaluate(model, task, "validation")


def main() -> None:
    """Print mean validation accuracies: a row for each kind, a column for each rate."""
    rows = [(*kind, lr, accuracy) for lr in RATES for kind, accuracy in tuned(lr)]
    table = pd.DataFrame(rows, columns=["network", "depth", "rate", "accuracy"])
    print(table.pivot_table("accuracy", ["network", "depth"], "rate").round(3).to_string())


if __name__ == "__main__":
    main()
