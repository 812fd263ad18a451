"""Lecture 13 on a transformer: five ways to fine-tune MiniLM, from film reviews to products.

Usage: `python -m tools.tuning.lecture_13_minilm [--write]`, after `cs826tl fetch minilm`. Without
`--write` it compares rates, on validation texts of other seeds; with it, it measures with the rates
below and writes the table that the lecture shows. About a quarter of an hour each on two cores.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pandas as pd
from torch import nn

import cs826tl as tl
from cs826tl.data.reviews import Texts
from cs826tl.data.tasks import Task
from cs826tl.networks.staging import StagedModel
from cs826tl.verdicts.records import LECTURES
from tools.tuning.lecture_13 import train_only

LENGTH, MEASURED = 40, 400  # word pieces of a text; texts that are measured on
SHOTS, EPOCHS, BATCH = 50, 5, 16
SOURCE_RATE, SOURCE_EPOCHS, SOURCE_TEXTS = 1e-4, 2, 800
SEEDS, OTHER_SEEDS = range(10), range(100, 103)

Way = Callable[[StagedModel], nn.Module]
WAYS: dict[str, tuple[float, Way]] = {
    "head": (3e-3, tl.freeze),
    "biases": (1e-3, lambda model: train_only(model, lambda _, name: name == "bias")),
    "LoRA": (3e-4, lambda model: tl.add_lora(model, rank=1)),
    "all": (1e-4, lambda model: model),
    "a tenth of the rate": (1e-5, lambda model: model),
}
RATES = {
    "head": (1e-3, 3e-3, 1e-2, 3e-2),
    "biases": (3e-4, 1e-3, 3e-3, 1e-2),
    "LoRA": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2),
    "all": (3e-5, 1e-4, 3e-4),
}


def tasks() -> tuple[Task, Task]:
    """Return opinions on films and on products, each measured on so many texts."""

    def some(part: Texts) -> Texts:
        return part[np.random.default_rng(0).permutation(len(part))[:MEASURED]]

    def task(domain: str) -> Task:
        reviews = tl.data.load_reviews(domain)
        reviews = replace(reviews, validation=some(reviews.validation), test=some(reviews.test))
        return tl.methods.text.text_task(
            reviews, length=LENGTH, tokenizer=tl.methods.text.word_pieces
        )

    return task("films"), task("amazon")


def quick(task: Task) -> Task:
    """Return the task with ten texts to validate on, since nothing is chosen while it trains."""
    return replace(task, validation=task.validation[:10])


def source(films: Task, seed: int) -> StagedModel:
    """Return MiniLM, fine-tuned to tell what people think of a film."""
    model = tl.methods.text.load_sentence_network(films.classes, seed=seed)
    some = tl.few_shot(quick(films), SOURCE_TEXTS // 2, seed)
    how = {"epochs": SOURCE_EPOCHS, "lr": SOURCE_RATE, "batch_size": BATCH}
    tl.fit(model, some, **how, seed=seed, progress=False)
    return model


def tune(
    start: StagedModel, pair: tuple[Task, Task], seed: int, lr: float, way: Way, split: str
) -> dict[str, float]:
    """Fine-tune a copy on a few opinions on products; return what it gains, keeps and costs."""
    films, products = pair
    model = deepcopy(start)
    way(model)
    few = quick(tl.few_shot(products, SHOTS, seed))
    how = {"epochs": EPOCHS, "lr": lr, "batch_size": BATCH}
    tl.fit(model, few, **how, seed=seed, progress=False)
    return {
        "gained": tl.evaluate(model, products, split),
        "kept": tl.evaluate(model, films, split),
        "bytes": sum(tensor.nbytes for tensor in tl.training.task_state(model).values()),
        "parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
    }


def rates() -> pd.DataFrame:
    """Return the mean validation accuracy on products, and on films: a row for each way."""
    pair = tasks()
    sources = {seed: source(pair[0], seed) for seed in OTHER_SEEDS}

    def said(lr: float, way: Way) -> str:
        found = [tune(sources[s], pair, s, lr, way, "validation") for s in sources]
        means = pd.DataFrame(found).mean()
        return f"{means['gained']:.3f} ({means['kept']:.2f})"

    table = {name: {lr: said(lr, WAYS[name][1]) for lr in tried} for name, tried in RATES.items()}
    return pd.DataFrame.from_dict(table, orient="index").fillna("")


def measured(seeds: Sequence[int] = SEEDS) -> pd.DataFrame:
    """Return what every way reached on the test texts: a row for each way and seed."""
    pair = tasks()
    rows = []
    for seed in seeds:
        start = source(pair[0], seed)
        before = {"gained": tl.evaluate(start, pair[1]), "kept": tl.evaluate(start, pair[0])}
        rows.append({"way": "before", "seed": seed, **before})
        for name, (lr, way) in WAYS.items():
            found = tune(start, pair, seed, lr, way, "test")
            rows.append({"way": name, "seed": seed, **found})
            print(rows[-1], flush=True)
    counts = {"bytes": "Int64", "parameters": "Int64"}  # which *before* does not have
    return pd.DataFrame(rows).astype(counts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="measure, and write the table")
    if parser.parse_args().write:
        table = LECTURES / "robust_and_cheap" / "records" / "13_minilm.tsv"
        measured().to_csv(table, sep="\t", index=False, float_format="%.4g")
    else:
        print(rates().to_string())
