"""Choose the settings of lecture 12's critics and camera: `C`, and what a label counts.

Usage: `python -m tools.tuning.lecture_12`. Seeds 100–104, on validation splits. Each way is tuned
for itself, those without films as well: a rival with another's `C` would be made of straw.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

import cs826tl as tl
from cs826tl.lectures.applications import experiments as app

TARGETS = ("amazon", "editorials", "tweets")
FEW = (50, 200, 1800)  # labelled sentences of the target


def validation_auc(target: str, few: int, weight: float, strength: float, seed: int) -> float:
    """Return the AUC on a target's validation split; weight 0 learns from the few alone."""
    domain = tl.data.load_reviews(target)
    films = app.draw(tl.data.load_reviews("films").train, 4000, seed) if weight else None
    learnt = app.draw(domain.train, few, seed)
    model = app.critic(learnt, films, weight=weight, strength=strength)
    scores = model.decision_function(domain.validation.texts)
    return float(roc_auc_score(domain.validation.labels, scores))


def table(
    seeds: Sequence[int] = range(100, 105),
    strengths: Sequence[float] = (1, 3, 10, 30, 100),
    weights: Sequence[float] = (0, 1, 5, 20),
) -> pd.DataFrame:
    """Return the mean validation AUC: one row per number of labels and weight, a column per `C`."""
    rows = pd.MultiIndex.from_product([FEW, weights], names=["labels", "weight"])
    means = [
        [np.mean([validation_auc(t, *row, strength, s) for t in TARGETS for s in seeds])
         for strength in strengths]
        for row in rows
    ]  # fmt: skip
    return pd.DataFrame(means, index=rows, columns=pd.Index(strengths, name="C"))


def cameras(
    seeds: Sequence[int] = range(100, 105), strengths: Sequence[float] = (0.001, 0.01, 0.1, 1)
) -> pd.DataFrame:
    """Return the camera's mean accuracy and log loss on clean validation pictures, by `C`."""
    found = {strength: [_at_home(strength, seed) for seed in seeds] for strength in strengths}
    means = {strength: np.mean(rows, axis=0) for strength, rows in found.items()}
    return pd.DataFrame(means, index=["accuracy", "log loss"])


def _at_home(strength: float, seed: int) -> tuple[float, float]:
    clean = tl.load_task("cifar10", shots=40, seed=seed).validation
    cars, codes = np.isin(clean.labels, app.CARS), app.codes_of(clean.inputs)
    model = app.car_alarm(seed, strength=strength)
    return model.score(codes, cars), log_loss(cars, model.predict_proba(codes))


if __name__ == "__main__":
    print(table().round(3), cameras().round(3), sep="\n\n")
