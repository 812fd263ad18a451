"""Lecture 13 on a transformer: the rate of every way to read opinions, on validation texts.

Usage: `python -m tools.tuning.lecture_13_minilm`, after `cs826tl fetch minilm`; it takes half an
hour. Other seeds draw the labels than in the trial. What is kept of the archive decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd

from cs826tl.lectures.cheap_changes.opinions import (
    BATCH,
    HEAD_EPOCHS,
    changed,
    labelled,
    only_a_head,
    seen,
)
from cs826tl.methods.text import load_sentence_network
from cs826tl.networks.staging import StagedModel
from cs826tl.training.fitting import fit
from cs826tl.training.freezing import freeze

SEEDS = range(100, 103)
HEADS = (3e-4, 1e-3, 3e-3, 1e-2)
RATES = {
    "biases": (3e-4, 1e-3, 3e-3, 1e-2),
    "LoRA": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
    "everything": (1e-5, 3e-5, 1e-4, 3e-4),
}


def measured(way: Callable[[int], StagedModel]) -> str:
    """Return the mean shares right of validation texts: opinions, and the archive."""
    means = pd.DataFrame([seen(way(seed), "validation") for seed in SEEDS]).mean()
    return f"{means['opinions']:.3f} ({means['archive']:.2f})"


def head(lr: float, seed: int) -> StagedModel:
    """Return MiniLM with a head that has learnt the opinions at this rate."""
    task = labelled(seed)
    model = freeze(load_sentence_network(task.classes, seed=seed))
    fit(model, task, epochs=HEAD_EPOCHS, lr=lr, batch_size=BATCH, seed=seed)
    return model


def trained(way: str, lr: float, seed: int) -> StagedModel:
    """Return MiniLM that has learnt the opinions in this way, at this rate."""
    return changed(only_a_head(seed), way, seed, lr=lr)


def main() -> None:
    """Print the table."""
    for lr in HEADS:
        print(f"head, {lr:g}: {measured(partial(head, lr))}", flush=True)
    for way, rates in RATES.items():
        for lr in rates:
            print(f"{way}, {lr:g}: {measured(partial(trained, way, lr))}", flush=True)


if __name__ == "__main__":
    main()
