"""Sentences with an opinion in four domains, cut so that no text is in two splits [C03, C17]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cs826tl._errors import unknown
from cs826tl.assets.cache import asset_path

CLASSES = ("negative", "positive")
NEUTRAL = 0.5  # on a scale from -4 to 4: nearer to 0, people did not agree on a side
PLACES = (0, 0, 0, 1, 2)  # of every five documents three train, one validates, one tests

FILES = {
    "films": "movieReviewSnippets_GroundTruth.txt",
    "amazon": "amazonReviewSnippets_GroundTruth.txt",
    "editorials": "nytEditorialSnippets_GroundTruth.txt",
    "tweets": "tweets_GroundTruth.txt",
}
ORIGINS = {
    "films": "film reviews (Rotten Tomatoes)",
    "amazon": "product reviews (Amazon)",
    "editorials": "New York Times editorials",
    "tweets": "tweets",
}


@dataclass(frozen=True, eq=False)
class Texts:
    """Sentences and their labels: 0 negative, 1 positive, `int64`, shape `(N,)`."""

    texts: tuple[str, ...]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, rows: NDArray[Any] | Sequence[int] | slice) -> Texts:
        chosen = np.arange(len(self))[rows]
        return Texts(tuple(self.texts[row] for row in chosen), self.labels[chosen])


@dataclass(frozen=True, eq=False)
class Reviews:
    """A domain of opinions in three splits; train, choose and test as with a `Task`."""

    name: str
    train: Texts
    validation: Texts
    test: Texts
    origin: str
    classes: tuple[str, ...] = CLASSES

    def __repr__(self) -> str:
        sizes = f"{len(self.train)} train, {len(self.validation)} validation, {len(self.test)} test"
        return f"Reviews {self.name!r}: {sizes}; from {self.origin}"


def load_reviews(domain: str) -> Reviews:
    """Load the opinions of one domain: `films`, `amazon`, `editorials` or `tweets` [C03].

    Twenty people scored each sentence from -4 to 4 (Hutto and Gilbert 2014,
    doi:10.1609/icwsm.v8i1.14550). Sentences nearer to 0 than 0.5 are left out, and so are repeated
    ones. Three of every five documents are for training, one is for
    validation and one for testing, so the sentences of a document stay together.

    The pitfall: a film review and a tweet are documents of one sentence, and which film it is
    about is not known; two sentences on one film may be in two splits.

    Raises `ValueError` for another domain, `AssetMissing` if `sentiment` is not fetched yet.

    >>> load_reviews("amazon")
    Reviews 'amazon': 1815 train, 571 validation, 591 test; from product reviews (Amazon)
    """
    if domain not in FILES:
        raise unknown("domain", domain, FILES)
    splits: tuple[list[tuple[str, int]], ...] = ([], [], [])
    seen = set()
    for document, score, text in _rows(domain):
        if abs(score) >= NEUTRAL and text.casefold() not in seen:
            seen.add(text.casefold())
            splits[PLACES[(document - 1) % len(PLACES)]].append((text, int(score > 0)))
    train, validation, test = map(_texts, splits)
    return Reviews(domain, train, validation, test, ORIGINS[domain])


def _rows(domain: str) -> list[tuple[int, float, str]]:
    """Return the number of the document, the mean score and the text of every sentence."""
    content = (asset_path("sentiment") / FILES[domain]).read_text(encoding="utf-8")
    rows = [line.split("\t") for line in content.rstrip("\n").split("\n")]
    return [
        (int(place.partition("_")[0]), float(score), text.strip()) for place, score, text in rows
    ]


def _texts(rows: Sequence[tuple[str, int]]) -> Texts:
    texts, labels = zip(*rows, strict=True)
    return Texts(texts, np.array(labels, dtype=np.int64))
