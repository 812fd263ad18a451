"""Choose the rates of lecture 11 on validation windows; write the table of codes that are large.

`python -m tools.tuning.lecture_11` prints, for each way and rate, how many bits per character
tuning saves on products and costs on tweets. With `--codes` it measures word vectors and sentence
codes, which must be fetched, and writes the table that the lecture shows where they are not. With
`--lengths` it shows why a window gives one predicted character and not one at every position.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression

import cs826tl as tl
from cs826tl.studies.text.measured_codes import TABLE

OFF: dict[str, Any] = {"ratio": 1, "factor": 1, "pace": math.inf}
WAYS: dict[str, dict[str, Any]] = {
    "plain": OFF,
    "only triangle": OFF | {"ratio": 32},
    "only discriminative": OFF | {"factor": 2.6},
    "only unfreezing": OFF | {"pace": 2},
    "all three": {"pace": 2},
}
RATES = (2.5e-4, 5e-4, 1e-3, 2e-3, 4e-3)


def change_in_bits(way: str, lr: float, seed: int) -> list[float]:
    """Return the bits per validation character that tuning adds: on products, on tweets."""
    lm = tl.text.load_language_model()
    products, tweets = (
        tl.text.language_task(tl.data.load_reviews(name), windows=400, seed=seed)
        for name in ("amazon", "tweets")
    )
    model = deepcopy(lm)
    plan = tl.ulmfit_plan(model, products, epochs=3, lr=lr, batch_size=16, **WAYS[way])
    tl.fit(model, products, plan=plan, batch_size=16, seed=seed, progress=False)
    return [
        tl.text.bits_per_character(model, task, "validation")
        - tl.text.bits_per_character(lm, task, "validation")
        for task in (products, tweets)
    ]


def rates(seeds: Sequence[int] = range(100, 103)) -> pd.DataFrame:
    """Return the mean change in bits on products: one row per way, one column per rate."""
    means = {
        lr: [np.mean([change_in_bits(way, lr, seed)[0] for seed in seeds]) for way in WAYS]
        for lr in RATES
    }
    return pd.DataFrame(means, index=list(WAYS))


def bits_by_length(lengths: Sequence[int] = (5, 10, 20, 30, 40)) -> pd.Series:
    """Return the bits per character after so many characters, without padding in front.

    A loss at every position of a window would train on all of these at once.
    """
    lm = tl.text.load_language_model().eval()
    task = tl.text.language_task(tl.data.load_reviews("amazon"), windows=2000, seed=100)
    whole = (task.train.inputs != 0).all(1)  # windows that no padding fills up
    characters = torch.cat([task.train.inputs, task.train.labels[:, None]], 1)[whole]
    with torch.inference_mode():
        losses = [F.cross_entropy(lm(characters[:, :n]), characters[:, n]) for n in lengths]
    return pd.Series([float(loss) / math.log(2) for loss in losses], list(lengths), name="bits")


def accuracies(code: Callable[[Sequence[str]], Any], seeds: Sequence[int]) -> pd.DataFrame:
    """Return the lecture's accuracies: learnt from film codes, one row per domain and seed."""
    reviews = {
        name: tl.data.load_reviews(name) for name in ("films", "amazon", "editorials", "tweets")
    }
    pool = _draw(reviews["films"].train, 1200)
    tests = {name: _draw(domain.test, 250) for name, domain in reviews.items()}
    codes, rows = code(pool.texts), []
    asked = {name: code(test.texts) for name, test in tests.items()}
    for seed in seeds:
        some = np.random.default_rng(seed).permutation(len(pool))[:800]
        reader = LogisticRegression(C=10, max_iter=2000).fit(codes[some], pool.labels[some])
        for name, test in tests.items():
            rows.append((name, seed, reader.score(asked[name], test.labels)))
    return pd.DataFrame(rows, columns=["domain", "seed", "accuracy"])


def write_codes(path: Path, seeds: Sequence[int] = range(5)) -> None:
    """Measure both kinds of large codes and write the table."""
    kinds = {
        "words (GloVe)": tl.text.load_word_vectors().mean,
        "sentences (MiniLM)": tl.text.sentence_codes,
    }
    tables = [accuracies(code, seeds).assign(codes=name) for name, code in kinds.items()]
    columns = ["codes", "domain", "seed", "accuracy"]
    pd.concat(tables)[columns].to_csv(path, sep="\t", index=False, float_format="%.3f")


def _draw(part: Any, count: int) -> Any:
    return part[np.random.default_rng(0).permutation(len(part))[:count]]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--codes", action="store_true", help="measure the large codes instead")
    parser.add_argument("--lengths", action="store_true", help="show bits by length instead")
    options = parser.parse_args()
    if options.codes:
        write_codes(TABLE)
    elif options.lengths:
        print(bits_by_length().round(2))
    else:
        print(rates().round(4))
