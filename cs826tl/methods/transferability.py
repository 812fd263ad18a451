"""How well a network will transfer, told before it is fine-tuned: LEEP, LogME, H-score, and rivals.

Each score needs one pass of the target's labelled pictures through the network, and no training of
it. Higher means: fine-tune this one. Only the order of the scores has a meaning, and only among
networks that were given the same pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from cs826tl._errors import unknown
from cs826tl.devices import one_blas_thread
from cs826tl.networks.modes import evaluation_mode
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import encode, pooled
from cs826tl.training.probes import unfitted_probe

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from sklearn.pipeline import Pipeline

    from cs826tl.data.given import Inputs

    Floats = NDArray[np.float64]
    Labels = NDArray[np.int64]

__all__ = ["SCORES", "h_score", "leep", "log_me", "score_network"]

FOLDS = 5
SCORES = ("LEEP", "LogME", "H-score", "nearest neighbours", "linear probe")


def leep(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Return LEEP: how well the *source* classes that a network sees tell the target's labels.

    `probabilities` has shape `(N, source classes)`: the softmax of the network's own head, the one
    that it was trained with. The score is the mean log-probability of each label, where each source
    class votes with the target labels that it was seen with; it is at most 0 (Nguyen et al. 2020,
    arXiv:2002.12462). The pitfall: it judges the old head, which fine-tuning throws away.

    Raises `ValueError` if rows and labels do not fit or a row does not add up to 1.

    >>> leep([[1, 0], [1, 0], [0, 1]], [0, 0, 1])
    0.0
    >>> round(leep([[0.5, 0.5]] * 4, [0, 1, 0, 1]), 4)  # log ½: it sees no difference
    -0.6931
    """
    seen, which, classes = _checked(probabilities, labels)
    if not np.allclose(seen.sum(1), 1, atol=1e-3) or (seen < 0).any():
        raise ValueError(
            "LEEP takes probabilities, and these rows do not add up to 1: give scores.softmax(1)"
        )
    joint = np.stack([seen[which == label].sum(0) for label in range(classes)])
    with np.errstate(invalid="ignore"):  # a source class that is never seen votes for nothing
        votes = np.nan_to_num(joint / joint.sum(0))
    expected = seen @ votes.T
    return float(np.log(expected[np.arange(len(which)), which]).mean())


def log_me(codes: ArrayLike, labels: ArrayLike) -> float:
    """Return LogME: the evidence, per picture, for a Bayesian linear model of the labels.

    `codes` has shape `(N, features)`. For each class, ridge regression's prior and noise are set so
    that the labels are as likely as they can be, by the fixed point of You et al. 2021
    (arXiv:2110.10545); their logarithms are averaged (arXiv:2102.11005). As the authors do, codes
    are taken as they are, neither centred nor scaled. Raises `ValueError` if codes and labels do
    not fit.

    >>> rng = np.random.default_rng(0)
    >>> labels = rng.integers(2, size=100)
    >>> noise = rng.normal(size=(100, 3))
    >>> log_me(noise + labels[:, None], labels) > log_me(noise, labels)
    True
    """
    return _mean_evidence(codes, labels, as_published=False)


def log_me_as_published(codes: ArrayLike, labels: ArrayLike) -> float:
    """Return what the authors' code returns for LogME; for comparison only.

    If features outnumber pictures, github.com/thuml/LogME (commit 3a08950) counts the prior of
    every feature, though only as many directions as there are pictures take part in the evidence.
    The score then grows with the number of features, even of noise. Elsewhere it is `log_me`.
    Raises as `log_me` does.

    >>> noise = np.random.default_rng(0).normal(size=(20, 200))
    >>> labels = np.arange(20) % 2
    >>> log_me(noise, labels) < 0 < log_me_as_published(noise, labels)
    True
    """
    return _mean_evidence(codes, labels, as_published=True)


@one_blas_thread()
def h_score(codes: ArrayLike, labels: ArrayLike) -> float:
    """Return the H-score: the variance of the codes *between* classes, in units of all of it.

    The trace of the inverse covariance times the covariance of the class means, for codes of shape
    `(N, features)` (Bao et al. 2019, doi:10.1109/ICIP.2019.8803726). The pitfall: with as many
    features as pictures or more, any codes separate the classes, and the score is close to its
    largest value, the number of classes less one, whatever the network has learnt.

    Raises `ValueError` if codes and labels do not fit.

    >>> round(h_score([[0.0], [0.1], [1.0], [1.1]], [0, 0, 1, 1]), 3)
    0.99
    """
    seen, which, classes = _checked(codes, labels)
    centred = seen - seen.mean(0)
    axes, singular, _ = np.linalg.svd(centred, full_matrices=False)
    # In these axes the covariance is the identity, so what is left of it is the classes' means.
    axes = axes[:, singular > singular.max() * max(centred.shape) * np.finfo(float).eps]
    means = np.stack([axes[which == label].mean(0) for label in range(classes)])
    return float((np.bincount(which) @ means**2).sum())


def neighbours_accuracy(codes: ArrayLike, labels: ArrayLike, neighbours: int = 5) -> float:
    """Return the accuracy of nearest neighbours on codes, over five folds of the pictures.

    Raises `ValueError` if codes and labels do not fit, or a class has fewer than five pictures.

    >>> neighbours_accuracy(np.arange(20.0)[:, None], np.arange(20) // 10) > 0.8
    True
    """
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    row = make_pipeline(StandardScaler(), KNeighborsClassifier(neighbours))
    return _cross_validated(row, codes, labels)


def probe_accuracy(codes: ArrayLike, labels: ArrayLike) -> float:
    """Return the accuracy of a linear classifier on codes, over five folds of the pictures.

    It is the trivial rival: train the head, and look. The classifier is `linear_probe`'s softmax.
    Raises as `neighbours_accuracy` does.

    >>> probe_accuracy(np.arange(20.0)[:, None], np.arange(20) // 10) > 0.8
    True
    """
    return _cross_validated(unfitted_probe("softmax"), codes, labels)


def score_network(
    name: str, backbone: StagedModel, inputs: Inputs, labels: ArrayLike, *, until: str | None = None
) -> float:
    """Return one of `SCORES` for a backbone, from inputs as `encode` takes them and their labels.

    `name` says which. LEEP runs the backbone's own head; the others look at the codes of the stage
    `until` (None: the last), averaged over the picture. Raises `ValueError` for another score, and
    as `encode` and the score do.

    >>> from cs826tl import load_backbone, load_task
    >>> backbone, few = load_backbone("small_vgg", weights="random"), load_task("digits", shots=5)
    >>> score_network("H-score", backbone, few.train.inputs, few.train.labels, until="block1") < 9
    True
    """
    if name not in SCORES:
        raise unknown("score", name, SCORES)
    if name == "LEEP":
        with evaluation_mode(backbone.head), torch.no_grad():
            probabilities = backbone.head(encode(backbone, inputs)).softmax(1)
        return leep(probabilities.cpu().numpy(), labels)
    functions = (log_me, h_score, neighbours_accuracy, probe_accuracy)
    codes = pooled(encode(backbone, inputs, until=until)).cpu().numpy()
    return dict(zip(SCORES[1:], functions, strict=True))[name](codes, labels)


@one_blas_thread()
def _mean_evidence(codes: ArrayLike, labels: ArrayLike, *, as_published: bool) -> float:
    seen, which, classes = _checked(codes, labels)
    left, singular, _ = np.linalg.svd(seen, full_matrices=False)
    directions = seen.shape[1] if as_published else len(singular)
    wanted = np.eye(classes)[which].T
    return float(np.mean([_evidence(singular**2, left, each, directions) for each in wanted]))


def _evidence(energy: Floats, left: Floats, wanted: Floats, directions: int) -> float:
    """Return the largest log-evidence per picture for one class; stops when the authors do."""
    pictures, projected = len(wanted), (left.T @ wanted) ** 2
    if not energy.any():  # a dead network: all that is left is noise
        return float(-(np.log(2 * np.pi * wanted.mean()) + 1) / 2)
    outside = float(wanted @ wanted - projected.sum())
    prior, noise = 1.0, 1.0  # precisions
    for _ in range(11):
        ratio = prior / noise
        effective = (energy / (energy + ratio)).sum()
        length = (energy * projected / (ratio + energy) ** 2).sum()
        error = (projected / (1 + energy / ratio) ** 2).sum() + outside
        prior = effective / (length + 1e-5)
        noise = (pictures - effective) / (error + 1e-5)
        if abs(prior / noise - ratio) / ratio <= 1e-3:
            break
    total = (
        directions * np.log(prior)
        + pictures * np.log(noise / (2 * np.pi))
        - np.log(prior + noise * energy).sum()
        - noise * error
        - prior * length
    )
    return float(total / 2 / pictures)


@one_blas_thread()
def _cross_validated(row: Pipeline, codes: ArrayLike, labels: ArrayLike) -> float:
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    seen, which, _ = _checked(codes, labels)
    fewest = int(np.bincount(which).min())
    if fewest < FOLDS:
        raise ValueError(f"a class has {fewest} pictures: {FOLDS} folds need {FOLDS} of each class")
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    return float(cross_val_score(row, seen, which, cv=folds).mean())


def _checked(codes: ArrayLike, labels: ArrayLike) -> tuple[Floats, Labels, int]:
    """Return codes and labels as arrays, and the number of classes, each of which is there."""
    seen, which = np.asarray(codes, dtype=float), np.asarray(labels)
    if seen.ndim != 2 or which.shape != seen.shape[:1] or not len(which):
        raise ValueError(
            f"codes of shape {seen.shape} and labels of shape {which.shape} do not fit: give a row "
            f"of codes for each label; pooled(codes) averages maps over the picture"
        )
    if not np.isfinite(seen).all():
        raise ValueError("the codes hold NaN or infinity")
    classes = int(which.max()) + 1
    if which.dtype.kind not in "iu" or set(which.tolist()) != set(range(classes)) or classes < 2:
        raise ValueError(
            f"labels must be whole numbers from 0 to classes - 1, with a picture of each class and "
            f"two classes or more; got {sorted(set(which.tolist()))[:12]}"
        )
    return seen, which.astype(np.int64), classes
