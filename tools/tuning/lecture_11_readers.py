"""Choose the settings of lecture 11's classifiers; write the table of codes that are large.

`python -m tools.tuning.lecture_11_readers` prints the validation accuracy of both fine-tuned
classifiers by rate, and that of the linear ones by the inverse of their penalty. With `--codes` it
measures word vectors and sentence codes, which must be fetched, and writes the table that the
lecture shows where they are not.
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
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import cs826tl as tl
from cs826tl.data.reviews import Reviews
from cs826tl.methods.text.char_lstm import PUBLISHED
from cs826tl.verdicts.records import LECTURES

DOMAINS = ("films", "amazon", "editorials", "tweets")
SEEDS = range(100, 103)

Labelled = tuple[Sequence[str], torch.Tensor]


def classifiers(
    rates: Sequence[float] = (1e-2, 3e-2, 1e-1, 3e-1), seeds: Sequence[int] = SEEDS
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


def extractors(
    strengths: Sequence[float] = (1e-3, 1e-2, 1e-1, 1), seeds: Sequence[int] = SEEDS
) -> pd.DataFrame:
    """Return the validation accuracy of linear classifiers on codes of four domains, by C."""
    reviews = {name: tl.data.load_reviews(name) for name in DOMAINS}
    networks = {w: tl.methods.text.load_language_model(weights=w) for w in (PUBLISHED, "random")}
    found = pd.DataFrame(0.0, list(strengths), list(networks))
    for name, network in networks.items():
        frozen = tl.freeze(tl.methods.text.with_text_head(network, DOMAINS))
        for seed in seeds:
            train, test = _four_domains(reviews, seed)
            codes = [tl.encode(frozen, _split(*part, 60).inputs).cpu() for part in (train, test)]
            for c in strengths:
                reader = make_pipeline(StandardScaler(), LogisticRegression(C=c, max_iter=2000))
                score = reader.fit(codes[0], train[1]).score(codes[1], test[1])
                found.loc[c, name] += score / len(seeds)
    return found


def _opinions(films: Reviews, lr: float, seed: int) -> float:
    pool = draw(films.train, 1200)
    learnt = pool[np.random.default_rng(seed).permutation(len(pool))[:800]]
    parts = [(some.texts, torch.from_numpy(some.labels)) for some in (learnt, films.validation)]
    return _validation_accuracy(parts, films.classes, 100, lr, seed)


def _domains(reviews: Mapping[str, Reviews], lr: float, seed: int) -> float:
    return _validation_accuracy(_four_domains(reviews, seed), tuple(reviews), 60, lr, seed)


def _four_domains(reviews: Mapping[str, Reviews], seed: int) -> list[Labelled]:
    parts = []
    for part, count in (("train", 60), ("validation", 100)):
        drawn = [draw(getattr(domain, part), count, seed) for domain in reviews.values()]
        labels = torch.arange(len(drawn)).repeat_interleave(count)
        parts.append(([text for some in drawn for text in some.texts], labels))
    return parts


def _split(texts: Sequence[str], labels: torch.Tensor, length: int) -> tl.data.Split:
    return tl.data.Split(tl.methods.text.load_tokenizer()(texts, length=length), labels)


def _validation_accuracy(
    parts: Sequence[Labelled],
    classes: tuple[str, ...],
    length: int,
    lr: float,
    seed: int,
) -> float:
    learnt, asked = (_split(*part, length) for part in parts)
    task = tl.Task("texts", classes, learnt, asked, asked[torch.arange(1)], "reviews")
    lm = tl.methods.text.load_language_model()
    model = tl.methods.text.with_text_head(lm, classes, seed=seed)
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
        "words (GloVe)": tl.methods.text.load_word_vectors().mean,
        "sentences (MiniLM)": tl.methods.text.sentence_codes,
    }
    tables = [accuracies(code, seeds).assign(codes=name) for name, code in kinds.items()]
    columns = ["codes", "domain", "seed", "accuracy"]
    pd.concat(tables)[columns].to_csv(path, sep="\t", index=False, float_format="%.3f")


def draw(part: Any, count: int, seed: int = 0) -> Any:
    """Return `count` items of a part, drawn by the seed."""
    return part[np.random.default_rng(seed).permutation(len(part))[:count]]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--codes", action="store_true", help="measure the large codes instead")
    if parser.parse_args().codes:
        write_codes(LECTURES / "text_transfer" / "records" / "11_codes.tsv")
    else:
        for table in (classifiers, extractors):
            print(f"\n{table.__name__}\n{table().round(3)}", flush=True)
