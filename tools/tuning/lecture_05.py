"""Choose the `C` of the linear classifiers on four networks' codes, for lecture 05 and its trial.

Usage: `python -m tools.tuning.lecture_05`. It prints accuracies on 1,000 of CIFAR-10's validation
photographs, for labels that the lecture and the trial do not draw.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from statistics import mean

import pandas as pd
import torch
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import cs826tl as tl
from cs826tl.data.tasks import Split

SEED, SHOTS, CHOSEN_BY = 100, (5, 20, 500), 1000
NETWORKS = ("vgg16", "efficientnet_lite0", "mobilenet_v2", "squeezenet1_1")
STRENGTHS = (1e-4, 1e-3, 1e-2)


def classifiers(strength: float) -> dict[str, ClassifierMixin]:
    """Return the trial's two classifiers for one value of `C`."""
    return {
        "linear SVM": LinearSVC(C=strength, random_state=0),
        "softmax": LogisticRegression(C=strength, max_iter=1000),
    }


def strengths(
    name: str, shots: tuple[int, ...] = SHOTS, chosen_by: int = CHOSEN_BY
) -> pd.DataFrame:
    """Return a network's validation accuracy at 64 px: a row per classifier and number of labels.

    Fewer than 500 labels are drawn four times, if there are enough.
    """

    def coded(split: Split) -> Split:
        return Split(tl.training.pooled(tl.encode(backbone, split.inputs)).cpu(), split.labels)

    backbone, whole = tl.load_backbone(name, size=64), tl.load_task("cifar10").validation
    drawn = torch.randperm(len(whole), generator=torch.Generator().manual_seed(SEED))[:chosen_by]
    task, unseen = tl.load_task("cifar10", shots=max(shots), seed=SEED), coded(whole[drawn])
    task = replace(task, train=coded(task.train))
    rows: dict[tuple[str, int], dict[float, float]] = {}
    for few, strength in product(shots, STRENGTHS):
        parts = [tl.few_shot(task, few, draw).train for draw in range(min(4, max(shots) // few))]
        for kind, classifier in classifiers(strength).items():
            probe = make_pipeline(StandardScaler(), classifier)
            scores = [
                probe.fit(p.inputs, p.labels).score(unseen.inputs, unseen.labels) for p in parts
            ]
            rows.setdefault((kind, few), {})[strength] = mean(scores)
    return pd.DataFrame.from_dict(rows, orient="index").round(3)


def main() -> None:
    """Print a table for each network."""
    for name in NETWORKS:
        print(name, strengths(name), sep="\n", flush=True)


if __name__ == "__main__":
    main()
