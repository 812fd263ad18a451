"""What a linear classifier makes of CIFAR-10: of colour histograms, and of a network's codes.

Usage: `python -m benchmarks.cifar10 [--json]`. The first 1,000 test pictures, three draws of the
labels. Every result on photographs needs the histogram beside it: it knows nothing of shape.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

import pandas as pd
import torch
from torch import Tensor

import cs826tl as tl
from cs826tl.data.tasks import Split, Task

BINS = 4  # a channel; together 64 colours
SEEDS = range(3)
TESTED = 1_000  # pictures
HISTOGRAM_SHOTS = (20, 500)
CODES_SHOTS = (5, 40)


def histogram(images: Tensor) -> Tensor:
    """Return which share of each picture's pixels has each of 64 colours, shape `(N, 64)`."""
    red, green, blue = (images.flatten(2).long() * BINS // 256).unbind(1)
    colours = (red * BINS + green) * BINS + blue
    counts = torch.zeros(len(images), BINS**3).scatter_add_(1, colours, torch.ones(colours.shape))
    return counts / colours.shape[1]


def in_colours(task: Task) -> Task:
    """Return the task with histograms instead of pictures."""
    names = ("train", "validation", "test")
    splits = {name: task.split(name) for name in names}
    changed = {name: Split(histogram(s.inputs), s.labels) for name, s in splits.items()}
    return replace(task, **changed)


def accuracy(task: Task) -> float:
    """Return the test accuracy of a linear probe."""
    return float(tl.linear_probe(task).score(task.test.inputs, task.test.labels))


def rows() -> list[dict[str, object]]:
    """Measure both kinds of features with each number of labels."""
    backbone = tl.load_backbone("efficientnet_lite0", size=96)
    found = []
    for seed in SEEDS:
        for shots in HISTOGRAM_SHOTS:
            found.append(("colour histogram", shots, accuracy(in_colours(drawn(shots, seed)))))
        codes = list(tl.training.encode_task(backbone, drawn(max(CODES_SHOTS), seed)).values())[-1]
        for shots in CODES_SHOTS:
            found.append(("codes at 96 px", shots, accuracy(tl.few_shot(codes, shots, seed))))
    table = pd.DataFrame(found, columns=["features", "labels per class", "accuracy"])
    spread = table.groupby(["features", "labels per class"], sort=False)["accuracy"]
    return spread.agg(["mean", "min", "max"]).round(3).reset_index().to_dict("records")


def drawn(shots: int, seed: int) -> Task:
    """Return CIFAR-10 with `shots` labels per class and the first test pictures."""
    task = tl.load_task("cifar10", shots=shots, seed=seed)
    return replace(task, test=task.test[:TESTED])


def main() -> None:
    """Print the accuracies, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    as_json, measured = parser.parse_args().json, rows()
    print(json.dumps(measured) if as_json else pd.DataFrame(measured).to_string(index=False))


if __name__ == "__main__":
    main()
