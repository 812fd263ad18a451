"""Word vectors: the mean is that of a count matrix, the nearest are scikit-learn's."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.neighbors import NearestNeighbors

from cs826tl.assets.cache import is_available
from cs826tl.methods.text import load_word_vectors
from cs826tl.methods.text.word_vectors import WordVectors

WORDS = ["good", "bad", "film", "phone", "battery", "actor"]
TEXTS = ["Good film, good actor", "bad battery bad phone unknown", "film", "nothing known"]


@pytest.fixture
def toy() -> WordVectors:
    return WordVectors(WORDS, np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32))


def test_the_mean_is_that_of_counted_words(toy: WordVectors) -> None:
    counts = CountVectorizer(vocabulary=WORDS).transform(TEXTS).toarray()
    totals = np.maximum(counts.sum(1, keepdims=True), 1)
    assert toy.mean(TEXTS) == pytest.approx(counts @ toy.vectors / totals, abs=1e-6)


def test_the_nearest_are_those_of_scikit_learn(toy: WordVectors) -> None:
    question = np.array([1.0, -0.5, 0.2, 0.0], np.float32)
    search = NearestNeighbors(n_neighbors=6, metric="cosine").fit(toy.vectors)
    theirs = [WORDS[k] for k in search.kneighbors([question], return_distance=False)[0]]
    assert toy.nearest(question, 6) == theirs
    assert toy.nearest(question, 3, leave_out=[theirs[0]]) == theirs[1:4]


def test_what_does_not_fit_is_refused(toy: WordVectors) -> None:
    with pytest.raises(ValueError, match="no vector for 'Good': the words are in lower case"):
        toy["Good"]
    with pytest.raises(ValueError, match="2 words but 3 vectors"):
        WordVectors(["a", "b"], np.zeros((3, 4), np.float32))


@pytest.mark.slow
@pytest.mark.skipif(not is_available("glove_50d"), reason="GloVe (76 MB) is not fetched")
def test_king_minus_man_plus_woman_is_queen() -> None:
    words = load_word_vectors()
    answer = words["king"] - words["man"] + words["woman"]
    assert words.nearest(answer, leave_out=["king", "man", "woman"])[0] == "queen"
    assert words.nearest(answer)[0] == "king"
    assert words.vectors.shape == (400_000, 50)
