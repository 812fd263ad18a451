"""Opinions of four domains: against the files themselves, and what no split may know."""

import csv
from pathlib import Path

import numpy as np
import pytest

from cs826tl.assets.cache import AssetMissing, asset_path, is_available
from cs826tl.data import load_reviews
from cs826tl.data.reviews import FILES, Reviews, Texts

if not is_available("sentiment"):
    pytest.skip("sentiment is not fetched (cs826tl fetch sentiment)", allow_module_level=True)


@pytest.fixture(scope="module", params=list(FILES))
def reviews(request: pytest.FixtureRequest) -> Reviews:
    return load_reviews(request.param)


def splits(reviews: Reviews) -> list[Texts]:
    return [reviews.train, reviews.validation, reviews.test]


def rows(reviews: Reviews) -> list[tuple[str, float, str]]:
    """Read the file with another reader: number of the document, score, text."""
    with (asset_path("sentiment") / FILES[reviews.name]).open(encoding="utf-8", newline="") as file:
        table = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(place.split("_")[0], float(score), text.strip()) for place, score, text in table]


def test_every_decided_text_is_there_once_with_the_sign_of_its_score(reviews: Reviews) -> None:
    decided: dict[str, tuple[str, float]] = {}
    for _, score, text in rows(reviews):
        if not -0.5 < score < 0.5:
            decided.setdefault(text.casefold(), (text, score))
    ours = {
        t: y for split in splits(reviews) for t, y in zip(split.texts, split.labels, strict=True)
    }
    assert ours == {text: int(score > 0) for text, score in decided.values()}
    assert sum(map(len, splits(reviews))) == len(decided)


def test_no_text_is_in_two_splits_whatever_its_case(reviews: Reviews) -> None:
    folded = [{text.casefold() for text in split.texts} for split in splits(reviews)]
    assert sum(map(len, folded)) == len(set.union(*folded)) == sum(map(len, splits(reviews)))


def test_no_document_is_in_two_splits(reviews: Reviews) -> None:
    document = {text: number for number, _, text in reversed(rows(reviews))}  # the first counts
    documents = [{document[text] for text in split.texts} for split in splits(reviews)]
    assert sum(map(len, documents)) == len(set.union(*documents))


def test_splits_are_60_20_20_and_hold_both_signs(reviews: Reviews) -> None:
    sizes = np.array([len(split) for split in splits(reviews)])
    assert sizes / sizes.sum() == pytest.approx([0.6, 0.2, 0.2], abs=0.02)
    for split in splits(reviews):
        assert split.labels.dtype == np.int64
        assert 0.3 < split.labels.mean() < 0.7


def test_signs_are_not_exchanged() -> None:
    films = load_reviews("films").train

    def praise(word: str) -> float:
        return films.labels[[word in text.lower() for text in films.texts]].mean()

    assert praise("brilliant") > 0.8
    assert praise("boring") < 0.2


def test_rows_are_chosen_as_numpy_chooses() -> None:
    texts = Texts(("a", "b", "c", "d"), np.array([0, 1, 0, 1]))
    assert texts[[3, 0]].texts == ("d", "a")
    assert texts[[3, 0]].labels.tolist() == [1, 0]
    assert texts[1:3].texts == ("b", "c")
    assert texts[texts.labels == 1].texts == ("b", "d")


def test_an_unknown_domain_is_named_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"no domain named 'film'\. Did you mean 'films'\? Choose"):
        load_reviews("film")


def test_what_is_not_fetched_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    with pytest.raises(AssetMissing, match="cs826tl fetch sentiment"):
        load_reviews("films")
