"""Linear probes: what a linear classifier can read off the codes of every depth [C09, C16].

The pictures go through the network once. After that a probe takes milliseconds, so every depth can
be tried, with any number of labels and several seeds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cs826tl._errors import unknown
from cs826tl.data.loading import few_shot
from cs826tl.data.tasks import Split, Task
from cs826tl.devices import one_blas_thread
from cs826tl.networks.staging import HEAD, StagedModel
from cs826tl.networks.structure import anatomy
from cs826tl.training.codes import encode, pooled

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

PIXELS = "pixels"  # the depth before the first stage
PIXEL_SIDE = 16  # to which pictures are shrunk for it: more would only be more to learn by heart
CLASSIFIERS = ("linear SVM", "softmax")


def encode_task(backbone: StagedModel, task: Task) -> dict[str, Task]:
    """Return the task as each depth of the network sees it: in codes instead of pictures [C09].

    `pixels` comes first: the picture itself, shrunk to 16 × 16. Then every stage's codes, averaged
    over the picture as `pooled` does: `float32` on the CPU, shape `(N, channels)`. All of it comes
    from one pass over the pictures, which is kept as `encode` keeps codes.

    Raises `ValueError` if a split of the task is empty.

    >>> from cs826tl import load_backbone, load_task
    >>> backbone = load_backbone("small_vgg", weights="random")
    >>> depths = encode_task(backbone, load_task("digits", shots=5))
    >>> {depth: task.train.inputs.shape[1] for depth, task in depths.items()}
    {'pixels': 768, 'block1': 16, 'block2': 32, 'block3': 64, 'fc': 128}
    """
    shapes = anatomy(backbone)["output"].drop(HEAD, errors="ignore")
    widths = [3 * PIXEL_SIDE**2, *(int(shape.split()[0]) for shape in shapes)]  # channels first
    model = StagedModel(
        backbone.title,
        backbone.preprocess,
        {"every": _EveryDepth(backbone.stages)},
        backbone.head,
        backbone.classes,
        backbone.weights,
    )

    def at_every_depth(split: Split) -> list[Split]:
        codes = encode(model, split.inputs).cpu().split(widths, dim=1)
        return [Split(part, split.labels) for part in codes]

    splits = [at_every_depth(split) for split in (task.train, task.validation, task.test)]
    return {
        depth: replace(task, train=train, validation=validation, test=test)
        for depth, train, validation, test in zip([PIXELS, *shapes.index], *splits, strict=True)
    }


@one_blas_thread()
def linear_probe(codes: Task, classifier: str = "linear SVM") -> Pipeline:
    """Return scikit-learn's linear classifier, trained on codes that are scaled alike [C16].

    `codes` is a task in codes, as `encode_task` returns them; `classifier` is `linear SVM` or
    `softmax`, the latter also known as logistic regression. How strongly each is regularised
    (`C`) is fixed: it was chosen on validation splits, for all depths together.

    Raises `ValueError` for another classifier.

    >>> from cs826tl import load_backbone, load_task
    >>> backbone = load_backbone("small_vgg", weights="random")
    >>> codes = encode_task(backbone, load_task("digits", shots=5))["fc"]
    >>> 0.1 < linear_probe(codes).score(codes.test.inputs, codes.test.labels) < 1
    True
    """
    return unfitted_probe(classifier).fit(codes.train.inputs, codes.train.labels)


def unfitted_probe(classifier: str = "linear SVM") -> Pipeline:
    """Return the linear classifier that `linear_probe` trains, not yet trained; raises as it does.

    >>> list(unfitted_probe("softmax").named_steps)
    ['standardscaler', 'logisticregression']
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import LinearSVC

    if classifier not in CLASSIFIERS:
        raise unknown("classifier", classifier, CLASSIFIERS)
    if classifier == "linear SVM":
        estimator = LinearSVC(C=0.01, max_iter=10_000, random_state=0)
    else:
        estimator = LogisticRegression(C=0.1, max_iter=1000)
    return make_pipeline(StandardScaler(), estimator)


def probe_depths(
    depths: Mapping[str, Task],
    *,
    shots: int,
    seeds: Iterable[int] = range(5),
    classifier: str = "linear SVM",
    split: str = "validation",
) -> pd.DataFrame:
    """Return the accuracy of a linear probe per depth (rows) and seed (columns) [C09].

    `depths` are tasks in codes, by name, as `encode_task` returns them. Each seed draws `shots`
    labelled examples per class, the same ones at every depth.

    The pitfall: choose a depth on `validation`. The best of ten depths on `test` looks better than
    it is.

    Raises `ValueError` for too many shots, another classifier or another split.

    >>> from cs826tl import load_backbone, load_task
    >>> backbone = load_backbone("small_vgg", weights="random")
    >>> table = probe_depths(encode_task(backbone, load_task("digits")), shots=5, seeds=range(2))
    >>> table.shape
    (5, 2)
    """

    def accuracy(task: Task, seed: int) -> float:
        drawn = few_shot(task, shots, seed)
        held_out = drawn.split(split)
        return float(linear_probe(drawn, classifier).score(held_out.inputs, held_out.labels))

    columns = {seed: [accuracy(task, seed) for task in depths.values()] for seed in seeds}
    return pd.DataFrame(columns, index=pd.Index(depths, name="depth")).rename_axis(columns="seed")


class _EveryDepth(nn.Module):
    """The stages as one, whose output is the codes of every depth side by side."""

    def __init__(self, stages: nn.Sequential) -> None:
        super().__init__()
        self.stages = stages

    def forward(self, x: Tensor) -> Tensor:
        codes = [F.adaptive_avg_pool2d(x, PIXEL_SIDE).flatten(1)]
        for stage in self.stages:
            x = stage(x)
            codes.append(pooled(x))
        return torch.cat(codes, 1)
