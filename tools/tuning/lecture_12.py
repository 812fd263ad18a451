"""Choose the two settings of lecture 12's critic: `C`, and what a label of the target counts.

Usage: `python -m tools.tuning.lecture_12`. Seeds 100–104, on validation splits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline

import cs826tl as tl

TARGETS = ("amazon", "editorials", "tweets")


def validation_auc(target: str, strength: float, weight: float, seed: int, few: int = 50) -> float:
    """Return the AUC on a target's validation split: 4000 films and a few target sentences."""
    rng = np.random.default_rng(seed)
    films, domain = tl.data.load_reviews("films").train, tl.data.load_reviews(target)
    parts = [
        part[rng.permutation(len(part))[:number]]
        for part, number in ((domain.train, few), (films, 4000))
    ]
    sentences = [text for part in parts for text in part.texts]
    labels = np.concatenate([part.labels for part in parts])
    weights = np.repeat([weight, 1], [len(part) for part in parts])
    classifier = LogisticRegression(C=strength, max_iter=1000)
    model = make_pipeline(TfidfVectorizer(sublinear_tf=True), classifier)
    model.fit(sentences, labels, logisticregression__sample_weight=weights)
    scores = model.decision_function(domain.validation.texts)
    return float(roc_auc_score(domain.validation.labels, scores))


def table(
    seeds: Sequence[int] = range(100, 105),
    strengths: Sequence[float] = (1, 3, 10),
    weights: Sequence[float] = (1, 5, 20),
) -> pd.DataFrame:
    """Return the mean validation AUC: one row per `C`, one column per weight."""
    means = {
        weight: [
            np.mean([validation_auc(t, strength, weight, s) for t in TARGETS for s in seeds])
            for strength in strengths
        ]
        for weight in weights
    }
    return pd.DataFrame(means, index=pd.Index(strengths, name="C")).rename_axis("weight", axis=1)


if __name__ == "__main__":
    print(table().round(3))
