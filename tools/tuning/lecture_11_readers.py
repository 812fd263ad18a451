"""Choose the rates of lecture 11's classifiers; write the table of codes that are large.

`python -m tools.tuning.lecture_11_readers` prints the validation accuracy of both fine-tuned
classifiers by rate. With `--codes` it measures word vectors and sentence codes, which must be
fetched, and writes the table that the lecture shows where they are not.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.linear_model import LogisticRegression

import cs826tl as tl
from cs826tl.data.reviews import Reviews
from cs826tl.studies.text.measured_codes import TABLE

DOMAINS = ("films", "amazon", "editorials", "tweets")
SEEDS = range(100, 103)


def classifiers(
    rates: Sequence[float] = (1e-3, 3e-3, 1e-2), seeds: Sequence[int] = SEEDS
) -> pd.DataFrame:
    """Return the validation accuracy of both fine-tuned classifiers, by rate.

    *opinions* reads 800 film reviews, *domains* 60 sentences of each domain.
    """
    reviews = {name: tl.data.load_reviews(name) for name in DOMAINS}
    found = {
        lr: {
            "opinions": np.mean([_opinions(reviews["films"], lr, seed) for seed in seeds]),
            "domains": np.mean([_domains(reviews, lr, seed) for seed in seeds]),
        }
        for lr in rates
    }
    return pd.DataFrame(found).T


def _opinions(films: Reviews, lr: float, seed: int) -> float:
    pool = draw(films.train, 1200)
    learnt = pool[np.random.default_rng(seed).permutation(len(pool))[:800]]
    parts = [(some.texts, torch.from_numpy(some.labels)) for some in (learnt, films.validation)]
    return _validation_accuracy(parts, films.classes, 100, lr, seed)


def _domains(reviews: Mapping[str, Reviews], lr: float, seed: int) -> float:
    parts = []
    for part, count in (("train", 60), ("validation", 100)):
        drawn = [draw(getattr(domain, part), count, seed) for domain in reviews.values()]
        labels = torch.arange(len(drawn)).repeat_interleave(count)
        parts.append(([text for some in drawn for text in some.texts], labels))
    return _validation_accuracy(parts, tuple(reviews), 60, lr, seed)


def _validation_accuracy(
    parts: Sequence[tuple[Sequence[str], torch.Tensor]],
    classes: tuple[str, ...],
    length: int,
    lr: float,
    seed: int,
) -> float:
    tokenizer = tl.text.load_tokenizer()
    learnt, asked = (tl.data.Split(tokenizer(t, length=length), labels) for t, labels in parts)
    task = tl.Task("texts", classes, learnt, asked, asked[torch.arange(1)], "reviews")
    lm = tl.text.load_language_model()
    model = tl.text.with_text_head(lm, classes, seed=seed)
    plan = tl.ulmfit_plan(model, task, epochs=4, lr=lr, batch_size=16)
    tl.fit(model, task, plan=plan, batch_size=16, seed=seed, progress=False)
    return tl.evaluate(model, task, "validation")


def accuracies(code: Callable[[Sequence[str]], Any], seeds: Sequence[int]) -> pd.DataFrame:
    """Return the lecture's accuracies: learnt from film codes, one row per domain and seed."""
    reviews = {name: tl.data.load_reviews(name) for name in DOMAINS}
    pool = draw(reviews["films"].train, 1200)
    tests = {name: draw(domain.test, 250) for name, domain in reviews.items()}
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


def draw(part: Any, count: int, seed: int = 0) -> Any:
    """Return so many items of a part, drawn by the seed."""
    return part[np.random.default_rng(seed).permutation(len(part))[:count]]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--codes", action="store_true", help="measure the large codes instead")
    if parser.parse_args().codes:
        write_codes(TABLE)
    else:
        print(classifiers().round(3))
