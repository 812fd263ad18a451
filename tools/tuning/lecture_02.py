"""Choose lecture 02's settings on validation pictures.

Usage: `python -m tools.tuning.lecture_02`. It prints what the
settings were chosen by: where the target has no labels, MNIST's own, on seeds that the lecture does
not use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.kernel_ridge import KernelRidge
from sklearn.semi_supervised import LabelSpreading
from torch.nn.functional import adaptive_avg_pool2d

import cs826tl as tl

SEEDS = range(100, 103)
HALF = 1500  # pictures of the source that a seed draws
Rows, Labels = NDArray[np.float64], NDArray[np.int64]


def flat(images: torch.Tensor) -> Rows:
    """Return the pictures as the lecture does: 8 × 8 pixels from 0 to 1, one row each."""
    if images.shape[-1] == 28:
        images = adaptive_avg_pool2d(images[..., 4:-4, 4:-4].float(), 8)
    rows: Rows = (images.double() / 255).flatten(1).numpy()
    return rows


def drawn(number: int, seed: int) -> Labels:
    """Return the rows that a seed draws from `number` of them."""
    return np.random.default_rng(seed).permutation(number)[:HALF]


def by_ridge(x: Rows, labels: Labels, new: Rows, gamma: float, alpha: float) -> Labels:
    """Return the labels of new pictures by kernel ridge regression."""
    model = KernelRidge(kernel="rbf", gamma=gamma, alpha=alpha).fit(x, np.eye(10)[labels])
    said: Labels = model.predict(new).argmax(1)
    return said


def by_spreading(x: Rows, labels: Labels, new: Rows, gamma: float, alpha: float) -> Labels:
    """Return the labels of new pictures by spreading, with those pictures at hand."""
    graph = LabelSpreading(gamma=gamma, alpha=alpha, max_iter=200)
    graph.fit(np.r_[x, new], np.r_[labels, np.full(len(new), -1)])
    said: Labels = graph.transduction_[len(x) :]
    return said


def accuracies(
    read: Callable[[Rows, Labels, Rows, float, float], Labels],
    seeds: Iterable[int],
    gammas: Sequence[float],
    alphas: Sequence[float],
) -> pd.DataFrame:
    """Return the accuracy on MNIST's validation pictures: gamma down, alpha across."""
    task = tl.load_task("mnist")
    x, labels = flat(task.train.inputs), task.train.labels.numpy()
    new, truth = flat(task.validation.inputs), task.validation.labels.numpy()

    def score(gamma: float, alpha: float) -> float:
        halves = [drawn(len(x), seed) for seed in seeds]
        said = [read(x[half], labels[half], new, gamma, alpha) for half in halves]
        return float(np.mean([labels == truth for labels in said]))

    table = {gamma: {alpha: score(gamma, alpha) for alpha in alphas} for gamma in gammas}
    return pd.DataFrame.from_dict(table, orient="index").round(3)


def weights(seeds: Iterable[int], counts: Sequence[float]) -> dict[float, float]:
    """Return what is lost of UCI's validation pictures, which need no labels for that.

    `counts` says for how many pictures MNIST counts together, beside 20 of the target's.
    """
    source, target = tl.load_pair("mnist_to_digits")
    x, few_of = flat(source.train.inputs), flat(target.train.inputs)
    held_out = flat(target.validation.inputs)

    def lost(count: float, seed: int) -> float:
        half = x[drawn(len(x), seed)]
        few = few_of[drawn(len(few_of), seed)[:20]]
        rows = np.r_[few - few.mean(0), (half - half.mean(0)) * np.sqrt(count / HALF)]
        components, left = PCA(16).fit(rows).components_, held_out - few.mean(0)
        rest = (left - left @ components.T @ components) ** 2
        return float(rest.sum(1).mean() / held_out.var(0).sum())

    return {count: float(np.mean([lost(count, seed) for seed in seeds])) for count in counts}


def main() -> None:
    """Print the tables."""
    print("kernel ridge: gamma down, alpha across; the lecture has 0.1 and 0.1")
    print(accuracies(by_ridge, SEEDS, (0.03, 0.1, 0.3), (0.01, 0.1, 1.0)))
    print("label spreading: gamma down, alpha across; the lecture has 8 and 0.8")
    print(accuracies(by_spreading, SEEDS, (4, 8, 16), (0.2, 0.8, 0.95)))
    print("MNIST counts for so many pictures: share of the variance lost; the lecture has 20")
    print({count: round(share, 3) for count, share in weights(SEEDS, (2, 20, 200)).items()})


if __name__ == "__main__":
    main()
