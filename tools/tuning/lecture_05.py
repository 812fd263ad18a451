"""Choose the `C` of the linear classifiers on four networks' codes, for lecture 05 and its trial.

Usage: `python -m tools.tuning.lecture_05`. It prints accuracies on 1,000 of CIFAR-10's validation
photographs, for labels that the lecture and the trial do not draw.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from sklearn.base import ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from torch import Tensor

import cs826tl as tl

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

    Fewer than 500 labels are drawn four times, as far as there are so many.
    """
    task = tl.load_task("cifar10", shots=max(shots), seed=SEED)
    whole = tl.load_task("cifar10").validation
    drawn = torch.randperm(len(whole), generator=torch.Generator().manual_seed(SEED))[:chosen_by]
    held_out = whole[drawn]
    backbone = tl.load_backbone(name, size=64)
    codes, unseen = (
        tl.training.pooled(tl.encode(backbone, part.inputs)).cpu().numpy()
        for part in (task.train, held_out)
    )
    rows: dict[tuple[str, int], dict[float, float]] = {}
    for few in shots:
        for strength in STRENGTHS:
            for kind, classifier in classifiers(strength).items():
                scores = []
                for draw in range(min(4, max(shots) // few)):
                    chosen = _some_of_each(task.train.labels, few, draw)
                    probe = make_pipeline(StandardScaler(), classifier)
                    probe.fit(codes[chosen], task.train.labels[chosen])
                    scores.append(probe.score(unseen, held_out.labels))
                rows.setdefault((kind, few), {})[strength] = float(np.mean(scores))
    return pd.DataFrame.from_dict(rows, orient="index").round(3)


def _some_of_each(labels: Tensor, few: int, draw: int) -> Tensor:
    places = [torch.where(labels == k)[0][draw * few :][:few] for k in labels.unique()]
    return torch.cat(places)


def main() -> None:
    """Print a table for each network."""
    for name in NETWORKS:
        print(name, strengths(name), sep="\n", flush=True)


if __name__ == "__main__":
    main()
