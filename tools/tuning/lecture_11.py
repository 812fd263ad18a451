"""Choose the rates, the distillation and the window of lecture 11 on validation data.

`python -m tools.tuning.lecture_11` prints, for each way and rate, how many bits per character
tuning saves on products; then the same from random weights, and by strength of the distillation.
With `--lengths` it shows why a window gives one predicted character and not one at every position.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F

import cs826tl as tl
from cs826tl.methods.text.char_lstm import PUBLISHED

OFF: dict[str, Any] = {"ratio": 1, "factor": 1, "stages_per_epoch": math.inf}
WAYS: dict[str, dict[str, Any]] = {
    "plain": OFF,
    "only triangle": OFF | {"ratio": 32},
    "only discriminative": OFF | {"factor": 2.6},
    "only unfreezing": OFF | {"stages_per_epoch": 2},
    "all three": {"stages_per_epoch": 2},
}
RATES = (2.5e-4, 5e-4, 1e-3, 2e-3, 4e-3)
SEEDS = range(100, 103)


def change_in_bits(
    way: str, lr: float, seed: int, *, weights: str = PUBLISHED, strength: float = 0.0
) -> list[float]:
    """Return the bits per validation character that tuning adds: on products, on tweets.

    With a `strength`, tuning is held to the old answers by distillation.
    """
    lm = tl.methods.text.load_language_model(weights=weights)
    products, tweets = (
        tl.methods.text.language_task(tl.data.load_reviews(name), windows=400, seed=seed)
        for name in ("amazon", "tweets")
    )
    model = deepcopy(lm)
    plan = tl.ulmfit_plan(model, products, epochs=3, lr=lr, batch_size=16, **WAYS[way])
    remedy = tl.methods.forgetting.Distillation(model, strength=strength) if strength else None
    tl.fit(model, products, plan=plan, batch_size=16, penalty=remedy, seed=seed, progress=False)
    return [
        tl.methods.text.bits_per_character(model, task, "validation")
        - tl.methods.text.bits_per_character(lm, task, "validation")
        for task in (products, tweets)
    ]


def rates(seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return the mean change in bits on products: one row per way, one column per rate."""
    means = {
        lr: [np.mean([change_in_bits(way, lr, seed)[0] for seed in seeds]) for way in WAYS]
        for lr in RATES
    }
    return pd.DataFrame(means, index=list(WAYS))


def from_scratch(
    rates: Sequence[float] = (1e-4, 3e-4, 1e-3, 3e-3), seeds: Sequence[int] = SEEDS
) -> pd.Series:
    """Return the mean change in bits on products from random weights, by rate."""
    means = [
        np.mean([change_in_bits("plain", lr, seed, weights="random")[0] for seed in seeds])
        for lr in rates
    ]
    return pd.Series(means, list(rates), name="products")


def distilled(
    strengths: Sequence[float] = (0, 0.5, 1, 2), seeds: Sequence[int] = SEEDS
) -> pd.DataFrame:
    """Return the mean change in bits on products and tweets at plain's best rate, by strength."""
    means = [
        np.mean([change_in_bits("plain", 5e-4, seed, strength=s) for seed in seeds], axis=0)
        for s in strengths
    ]
    return pd.DataFrame(means, list(strengths), ["products", "tweets"])


def bits_by_length(lengths: Sequence[int] = (5, 10, 20, 30, 40)) -> pd.Series:
    """Return the bits per character after each of `lengths` characters, without padding in front.

    A loss at every position of a window would train on all of these at once.
    """
    lm = tl.methods.text.load_language_model().eval()
    task = tl.methods.text.language_task(tl.data.load_reviews("amazon"), windows=2000, seed=100)
    whole = (task.train.inputs != 0).all(1)  # windows that no padding fills up
    characters = torch.cat([task.train.inputs, task.train.labels[:, None]], 1)[whole]
    with torch.inference_mode():
        losses = [F.cross_entropy(lm(characters[:, :n]), characters[:, n]) for n in lengths]
    return pd.Series([float(loss) / math.log(2) for loss in losses], list(lengths), name="bits")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lengths", action="store_true", help="show bits by length instead")
    if parser.parse_args().lengths:
        print(bits_by_length().round(2))
    else:
        for table in (rates, from_scratch, distilled):
            print(f"\n{table.__name__}\n{table().round(4)}", flush=True)
