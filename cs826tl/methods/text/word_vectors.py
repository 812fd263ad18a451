"""Word vectors: GloVe, one vector for each of 400 000 words, from what stands near them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cs826tl.assets.cache import asset_path

WORD = re.compile(r"[a-z]+|[0-9]+|[!?]|'[a-z]+")  # GloVe has "don", "'t" and "!"
Vectors = NDArray[np.float32]


class WordVectors:
    """Words and their vectors: `vectors` has shape `(words, dimensions)`, `float32`.

    Raises `ValueError` if there are not as many vectors as words.

    >>> toy = WordVectors(["king", "queen"], np.eye(2, dtype=np.float32))
    >>> "queen" in toy, toy["queen"].tolist()
    (True, [0.0, 1.0])
    """

    def __init__(self, words: Sequence[str], vectors: Vectors) -> None:
        if len(words) != len(vectors):
            raise ValueError(f"{len(words)} words but {len(vectors)} vectors")
        self.words, self.vectors = tuple(words), vectors
        self._places = {word: k for k, word in enumerate(self.words)}

    def __contains__(self, word: str) -> bool:
        return word in self._places

    def __getitem__(self, word: str) -> Vectors:
        """Return one word's vector; `ValueError` for a word that has none."""
        if word not in self:
            raise ValueError(f"no vector for {word!r}: the words are in lower case, one at a time")
        vector: Vectors = self.vectors[self._places[word]]
        return vector

    def nearest(
        self, vector: Vectors, count: int = 5, *, leave_out: Sequence[str] = ()
    ) -> list[str]:
        """Return the words whose vectors point most nearly the same way, by the cosine.

        The pitfall: without `leave_out`, king - man + woman is nearest to king itself.

        >>> toy = WordVectors(["up", "right", "down"], np.array([[0, 1], [1, 0], [0, -1.0]]))
        >>> toy.nearest(np.array([0.1, 5.0]), 2, leave_out=["up"])
        ['right', 'down']
        """
        lengths = np.linalg.norm(self.vectors, axis=1)
        cosines = self.vectors @ vector / np.maximum(lengths, 1e-12)
        cosines[[self._places[word] for word in leave_out if word in self]] = -np.inf
        return [self.words[k] for k in np.argsort(-cosines)[:count]]

    def mean(self, texts: Sequence[str]) -> Vectors:
        """Return the mean vector of the words of every text, shape `(N, dimensions)`.

        The pitfall: order is lost, so "not good, bad" and "not bad, good" have one code. Words
        without a vector are left out; a text of none but them gets zeros.

        >>> toy = WordVectors(["not", "bad"], np.eye(2, dtype=np.float32))
        >>> toy.mean(["Not bad", "bad not", "?!"]).tolist()
        [[0.5, 0.5], [0.5, 0.5], [0.0, 0.0]]
        """
        codes = np.zeros((len(texts), self.vectors.shape[1]), np.float32)
        for k, text in enumerate(texts):
            known = [self._places[w] for w in WORD.findall(text.lower()) if w in self]
            if known:
                codes[k] = self.vectors[known].mean(0)
        return codes


@cache
def load_word_vectors() -> WordVectors:
    """Load GloVe's vectors of 400 000 words in 50 dimensions.

    Pennington et al. 2014, doi:10.3115/v1/D14-1162. Raises `AssetMissing` if `glove_50d` (76 MB) is
    not fetched, `ImportError` if pyarrow, which reads the list of words, is not installed.

    >>> from cs826tl.assets import is_available
    >>> not is_available("glove_50d") or load_word_vectors().vectors.shape == (400_000, 50)
    True
    """
    import pandas as pd

    folder = asset_path("glove_50d")
    words = pd.read_parquet(folder / "glove_6B_index.parquet")["index"]
    return WordVectors(words.tolist(), np.load(folder / "glove_6B_50d_emb.npy"))
