"""Lecture 01: the rate from scratch, the depth of codes, the weight of a few labels.

Usage: `python -m tools.tuning.lecture_01`. On validation pictures; digits with seeds 100 to 102,
photographs with seed 100, which take 20 minutes on a quiet core.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import torch

import cs826tl as tl
from cs826tl.data.tasks import Split, Task
from cs826tl.lectures.why_transfer.from_scratch import accuracy_of, train_from_scratch
from cs826tl.networks.staging import StagedModel

SEEDS = range(100, 103)
RATES, LABELS = (1e-3, 2e-3, 4e-3), (4, 100)
WEIGHTS = (1, 3, 10, 30)
PHOTOGRAPHS = {5: (50, 100), 20: (50, 100), 100: (20, 40), 500: (12, 24)}  # epochs, by labels


def cropped(task: Task) -> Task:
    """Return MNIST without its border, as the lecture uses it."""
    parts = {n: task.split(n) for n in ("train", "validation", "test")}
    return replace(
        task, **{n: Split(p.inputs[..., 4:24, 4:24], p.labels) for n, p in parts.items()}
    )


def train(start: StagedModel, task: Task, lr: float, seed: int) -> StagedModel:
    """Train by the lecture's rule: more passes over fewer digits, a lower rate at the end."""
    number = len(task.train)
    epochs, batch_size = round(85 / number**0.45), min(64, max(8, number // 8))
    model = tl.with_head(start, task.classes, seed=seed)
    for rate, rounds in [(lr, epochs), (lr / 5, max(1, epochs // 3))]:
        tl.fit(model, task, epochs=rounds, lr=rate, batch_size=batch_size, seed=seed)
    return model


def fresh(seed: int) -> StagedModel:
    """Return the small network with random weights."""
    return tl.load_backbone("small_vgg", weights="random", size=12, seed=seed)


def codes(network: StagedModel, split: Split, stage: str) -> Split:
    """Return the split in codes of a stage."""
    return Split(tl.encode(network, split.inputs, until=stage).flatten(1).cpu(), split.labels)


def score(task: Task, train: Split, held_out: Split) -> float:
    """Return a linear probe's accuracy on what it has not seen."""
    probe = tl.linear_probe(replace(task, train=train), "softmax")
    return float(probe.score(held_out.inputs, held_out.labels))


def rates(mnist: Task) -> pd.DataFrame:
    """Return the validation accuracy from scratch, by rate and number of labels."""

    def accuracy(lr: float, shots: int) -> float:
        tasks = {s: tl.few_shot(mnist, shots, s) for s in SEEDS}
        models = {s: train(fresh(s), task, lr, s) for s, task in tasks.items()}
        return sum(tl.evaluate(m, mnist, "validation") for m in models.values()) / len(SEEDS)

    table = {10 * shots: [accuracy(lr, shots) for lr in RATES] for shots in LABELS}
    return pd.DataFrame(table, index=pd.Index(RATES, name="rate"))


def depths(mnist: Task) -> pd.DataFrame:
    """Return the validation accuracy with 40 labels: a row per stage, a column per network."""
    digits, lite0 = tl.load_task("digits"), tl.load_backbone("efficientnet_lite0", size=32)
    networks = {
        "Lite0": dict.fromkeys(SEEDS, lite0),
        "UCI's": {s: train(fresh(s), digits, 2e-3, s) for s in SEEDS},
    }
    found = {}
    for name, network in networks.items():
        for stage, _ in network[SEEDS[0]].stages.named_children():
            scores = []
            for seed in SEEDS:
                few = codes(network[seed], tl.few_shot(mnist, 4, seed).train, stage)
                scores.append(score(mnist, few, codes(network[seed], mnist.validation, stage)))
            found[name, stage] = sum(scores) / len(scores)
    return pd.Series(found).to_frame("40 labels")


def weights(mnist: Task) -> pd.Series:
    """Return UCI's validation accuracy of source and 20 target labels, by how often those count."""
    digits, lite0 = tl.load_task("digits"), tl.load_backbone("efficientnet_lite0", size=32)
    held_out = codes(lite0, digits.validation, "stage5")
    found = dict.fromkeys(WEIGHTS, 0.0)
    for seed in SEEDS:
        many, few = (
            codes(lite0, tl.few_shot(task, shots, seed).train, "stage5")
            for task, shots in ((mnist, 100), (digits, 2))
        )
        for weight in WEIGHTS:
            parts = [(part.inputs, part.labels) for part in (many, *[few] * weight)]
            inputs, labels = (torch.cat(tensors) for tensors in zip(*parts, strict=True))
            found[weight] += score(digits, Split(inputs, labels), held_out) / len(SEEDS)
    return pd.Series(found, name="accuracy").rename_axis("weight of a target label")


def photograph(shots: int, epochs: int, lr: float) -> float:
    """Return the accuracy from scratch on 1,000 of CIFAR-10's validation photographs."""
    train = tl.load_task("cifar10", shots=shots, seed=SEEDS[0]).train
    network = train_from_scratch(train, 10, epochs=epochs, lr=lr, seed=SEEDS[0])
    return accuracy_of(network, tl.load_task("cifar10").validation[:1000])


def main() -> None:
    """Print the tables."""
    mnist = cropped(tl.load_task("mnist"))
    for table in (rates, depths, weights):
        print(table(mnist).round(3), "\n", flush=True)
    for shots, epochs in PHOTOGRAPHS.items():
        found = {e: {lr: photograph(shots, e, lr) for lr in (3e-3, 1e-2, 3e-2)} for e in epochs}
        print(f"{shots} photographs of each kind: rate by epochs", pd.DataFrame(found).round(3))


if __name__ == "__main__":
    main()
