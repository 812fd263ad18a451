"""Every method between its two bounds, and a way to choose a method without target labels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.model_selection import train_test_split

from cs826tl.devices import one_blas_thread
from cs826tl.methods.adaptation.base import Transductive
from cs826tl.methods.adaptation.pairs import BlindPair

SOURCE_ONLY, ADAPTED, TARGET_TRAINED = "source only", "adapted", "target-trained"


def compare(methods: Mapping[str, Transductive], pair: BlindPair) -> pd.DataFrame:
    """Return the target's test accuracy of each method, between its two bounds [C06, C18].

    There is one row per method, each fitted to the pair, with three columns: the same method
    without the target's rows (`source only`), with them (`adapted`), and trained on the target with
    its labels (`target-trained`). This keeps apart what the target's rows are worth and which
    classifier is better.

    >>> from sklearn.linear_model import LogisticRegression
    >>> from cs826tl.methods.adaptation import Coral, blind_pair
    >>> table = compare({"CORAL": Coral(LogisticRegression())}, blind_pair("digits", shots=5))
    >>> table.loc["CORAL"].idxmax()
    'target-trained'
    """
    rows = {
        name: {
            SOURCE_ONLY: pair.score(pair.source_only(method)),
            ADAPTED: pair.score(pair.adapted(method)),
            TARGET_TRAINED: pair.score(pair.target_trained(method)),
        }
        for name, method in methods.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


@one_blas_thread()
def reverse_validation(method: Transductive, pair: BlindPair, seed: int = 0) -> float:
    """Return how well a method finds its way back to the source; it needs no target labels.

    Half of the source, drawn by `seed`, is set aside. The method learns from the other half and the
    target, and labels the target. Then it learns from those labels in the other direction, and is
    tested on the half that was set aside. The pitfall: it misses mistakes that are undone on the
    way back.

    Zhong, Fan, Yang, Verscheure, Ren 2010 (doi:10.1007/978-3-642-15939-8_35).

    >>> from sklearn.linear_model import LogisticRegression
    >>> from cs826tl.methods.adaptation import Coral, blind_pair
    >>> pair = blind_pair("digits", shots=5)  # guessing among ten digits would get 0.1
    >>> 0.3 < reverse_validation(Coral(LogisticRegression()), pair) < 0.7
    True
    """
    halves = train_test_split(
        np.arange(len(pair.y_source)), test_size=0.5, stratify=pair.y_source, random_state=seed
    )
    known, aside = (pair.X_source[rows] for rows in halves)
    there = clone(method).fit(known, pair.y_source[halves[0]], pair.X_target)
    back = clone(method).fit(pair.X_target, there.predict(pair.X_target), known)
    return float(np.mean(back.predict(aside) == pair.y_source[halves[1]]))
