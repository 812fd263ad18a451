"""Choose the earlier depth, the rates and the epochs of lecture 07 and its trials C07 and C11.

Usage: `python -m tools.tuning.lecture_07`. It prints validation accuracies of seeds that no trial
uses: a linear SVM at every depth, then both ways of fine-tuning at three rates, for the trial's
epochs and for twice as many. On two quiet cores it takes two hours, most of it for 500 per class.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd
import torch

import cs826tl as tl
from cs826tl.lectures.freezing_vs_finetuning import experiments

RATES, SEEDS = (3e-4, 1e-3, 3e-3), range(100, 102)


def load(name: str, shots: int, seed: int) -> tl.Task:
    """Load a few-shot task whose test is 300 validation pictures: more than few shots bring."""
    whole = tl.load_task(name)
    rows = torch.randperm(len(whole.validation), generator=torch.Generator().manual_seed(seed))
    few = tl.few_shot(whole, shots, seed)
    return replace(few, validation=few.validation[:10], test=whole.validation[rows[:300]])


def depths(name: str, seeds: Iterable[int]) -> pd.DataFrame:
    """Return the mean accuracy of a linear SVM: one row per depth, one column per size."""
    codes = tl.training.encode_task(experiments.backbone(name), load(name, 100, 100))
    sizes = {
        shots: tl.probe_depths(codes, shots=shots, seeds=seeds, split="test") for shots in (5, 40)
    }
    return pd.DataFrame({shots: found.mean(axis=1) for shots, found in sizes.items()})


def tuned(way: str, name: str, shots: int, seed: int) -> pd.DataFrame:
    """Return the accuracy of one way: one row per rate, one column per number of epochs."""
    task, epochs = load(name, shots, seed), int(experiments.SETTINGS[shots]["epochs"])
    columns = {
        number: [experiments.tune(task, way, number, lr, seed) for lr in RATES]
        for number in (epochs, 2 * epochs)
    }
    return pd.DataFrame(columns, list(RATES))


def main() -> None:
    """Print the tables."""
    for name in experiments.SIDE:
        print(f"{name}: linear SVM at every depth", depths(name, SEEDS).round(2), sep="\n")
        for shots in experiments.SETTINGS:
            for way in experiments.FROZEN:
                print(f"{name}, {shots} per class, {way}: rate by epochs", flush=True)
                print((sum(tuned(way, name, shots, s) for s in SEEDS) / len(SEEDS)).round(2))


if __name__ == "__main__":
    main()
