"""The text probe without a browser: words left out, answers, and what is drawn."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from cs826tl.lectures.text_transfer import plot_effects, text_probe
from cs826tl.lectures.text_transfer.effects import word_effects
from cs826tl.lectures.text_transfer.explorer import WORDS, TextProbe

TEXTS = ["a good film", "good fun", "a bad film", "bad acting", "not bad"]


@pytest.fixture(scope="module")
def counts() -> Pipeline:
    return make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS, [1, 1, 0, 0, 1])


@pytest.fixture
def probe(counts: Pipeline) -> TextProbe:
    constant = {"sure": lambda texts: np.tile([0.25, 0.75], (len(texts), 1))}
    return TextProbe({"counts": counts.predict_proba} | constant, "not a bad film")


def test_effects_are_those_of_the_linear_model(counts: Pipeline) -> None:
    """In log-odds a word adds its coefficient, whatever else there is."""
    text = "good film not bad"
    whole = counts.predict_proba([text])[0, 1]
    vectorizer, model = counts
    for word, effect in word_effects(counts.predict_proba, text):
        without = whole - effect
        added = np.log(whole / (1 - whole)) - np.log(without / (1 - without))
        assert added == pytest.approx(model.coef_[0, vectorizer.vocabulary_[word]])


def test_the_same_word_twice_covers_for_itself() -> None:
    seen = {"there": lambda texts: np.array([[0, float("good" in t)] for t in texts])}
    assert word_effects(seen["there"], "good film") == [("good", 1.0), ("film", 0.0)]
    assert word_effects(seen["there"], "good good film")[0] == ("good", 0.0)


def test_one_word_and_no_word(counts: Pipeline) -> None:
    ((_, effect),) = word_effects(counts.predict_proba, "good")
    nothing = counts.predict_proba([""])[0, 1]
    assert effect == pytest.approx(counts.predict_proba(["good"])[0, 1] - nothing)
    with pytest.raises(ValueError, match="no words: write a sentence"):
        word_effects(counts.predict_proba, "  ")


def test_a_new_text_is_read_by_every_model(probe: TextProbe, counts: Pipeline) -> None:
    probe.set("text", "good bad film")
    positive = counts.predict_proba(["good bad film"])[0, 1]
    assert probe.positive == {"counts": pytest.approx(positive), "sure": 0.75}
    given, moved = probe.view().tables
    assert given.rows[1] == ("sure", "positive", "0.75")
    assert [row[0] for row in moved.rows] == ["good", "bad", "film"]
    assert moved.columns == ("word", "counts", "sure")
    assert moved.rows[1][1].startswith("-")
    assert moved.rows[1][2] == "+0.00"


def test_every_model_has_its_row_of_bars(probe: TextProbe) -> None:
    view, ax = probe.view(), Figure().add_subplot()
    assert view.draw is not None
    view.draw(ax)
    for row, (name, effects) in zip(ax.child_axes, probe.effects.items(), strict=True):
        assert [bar.get_height() for bar in row.patches] == [effect for _, effect in effects]
        assert row.get_title().startswith(f"{name}:")
    assert [label.get_text() for label in ax.child_axes[-1].get_xticklabels()][:2] == ["not", "a"]


def test_bars_down_are_hatched_and_small_ones_stay_small() -> None:
    ax = plot_effects([("good", 0.3), ("bad", -0.4)])
    assert [bar.get_hatch() for bar in ax.patches] == ["", "//"]
    assert ax.get_ylim()[0] < -0.4
    assert plot_effects([("the", 0.001)]).get_ylim()[1] >= 0.05


def test_a_long_text_is_read_whole_and_shown_in_part(probe: TextProbe) -> None:
    text = "scene " * 40 + "good"
    probe.set("text", text)
    assert len(probe.view().tables[1].rows) == WORDS
    assert probe.positive["counts"] > 0.5


def test_an_empty_text_is_refused_and_the_last_one_stays(counts: Pipeline) -> None:
    explorer = text_probe({"counts": counts.predict_proba}, "good film")
    explorer.set("text", "   ")
    assert "no words" in explorer.state["alert"]
    assert explorer.state["status"] == "counts: positive."
    explorer.set("text", "bad film")
    assert explorer.state["alert"] == ""
    assert explorer.state["status"] == "counts: negative."
    with pytest.raises(ValueError, match="no model"):
        text_probe({})


def test_a_stored_notebook_keeps_a_picture_and_what_can_be_set(counts: Pipeline) -> None:
    stored = text_probe({"counts": counts.predict_proba}, "good film").stand_in()
    assert 'alt="For each model a row of bars' in stored
    assert "words of your own" in stored
    assert "0." not in stored.split("base64,")[0]
