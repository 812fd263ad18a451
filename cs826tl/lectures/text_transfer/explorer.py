"""The text probe: write a review, see each model's answer, and which word moved it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from cs826tl.lectures.text_transfer.effects import Reader, word_effects
from cs826tl.lectures.text_transfer.plots import plot_effect_rows
from cs826tl.widgets.controllers import Table, View, Worth
from cs826tl.widgets.controls import Control, Words
from cs826tl.widgets.explorer import Explorer

CLASSES = ("negative", "positive")
WORDS = 16  # that fit beside each other
ROW = 1.5  # inches for each model
EXAMPLES = (
    "The battery is great, but the screen broke.",
    "The battery is not great, and the screen broke.",
    "A great film.",
    "Not a great film.",
    "I expected a masterpiece and got two wasted hours.",
    "It fits, it works, and it was cheap.",
    "It arrived late and stopped working after a week.",
)


class TextProbe:
    """The controller: a text, what every model answers, and what each word does to the answer.

    The constructor raises `ValueError` for no model.
    """

    title = "Text probe"
    help = (
        "Write a review and press Enter. Each word is left out once: what does the answer lose? "
        "Try other words for the same opinion, a negation, or the words of another shop."
    )
    worth = Worth({"text": EXAMPLES})

    def __init__(self, readers: Mapping[str, Reader], text: str) -> None:
        if not readers:
            raise ValueError("there is no model: give one or more, by name")
        self._readers = dict(readers)
        self._read(text)

    def controls(self) -> tuple[Control, ...]:
        """Return the text."""
        return (Words("text", "Your review", self._text, "a sentence with an opinion"),)

    def set(self, name: str, value: Any) -> None:
        """Take over the text, and have every model read it."""
        self._read(value)

    def view(self) -> View:
        """Return every model's answer, and what each word does to it."""
        answers = {name: _answer(positive) for name, positive in self.positive.items()}
        status = "; ".join(f"{name}: {answer}" for name, (answer, _) in answers.items())
        given = Table(
            "What each model answers",
            ("model", "answer", "probability of that"),
            tuple((name, answer, f"{sure:.2f}") for name, (answer, sure) in answers.items()),
        )
        words = [word for word, _ in next(iter(self.effects.values()))]
        moved = Table(
            "What each word adds to the probability of positive",
            ("word", *self._readers),
            tuple(
                (word, *(f"{effects[k][1]:+.2f}" for effects in self.effects.values()))
                for k, word in enumerate(words)
            ),
        )
        alt = (
            "For each model a row of bars, one for each word of the review: up where it raises the "
            "probability of positive, down and hatched where it lowers it. The table says it too."
        )
        size = (8, 0.9 + ROW * len(self._readers))
        return View(
            f"{status}.", (given, moved), partial(plot_effect_rows, self.effects), size, alt
        )

    def _read(self, text: str) -> None:
        effects = {
            name: word_effects(reader, text, limit=WORDS) for name, reader in self._readers.items()
        }
        self.positive = {n: float(reader([text])[0, -1]) for n, reader in self._readers.items()}
        self._text, self.effects = text, effects


def text_probe(readers: Mapping[str, Reader], text: str = EXAMPLES[0]) -> Explorer:
    """Return an explorer of what models answer to a text, and of which word moved them [C17].

    `readers` are functions by name: each takes a list of texts and returns probabilities, shape
    `(N, 2)`, negative and positive, as scikit-learn's `predict_proba` and `read_texts` do. It shows
    the first 16 words of a text.

    Raises `ValueError` for no model or a text without words.

    >>> import numpy as np
    >>> fond = lambda texts: np.array([[0.2, 0.8] if "good" in t else [0.9, 0.1] for t in texts])
    >>> explorer = text_probe({"fond": fond}, "a good film")
    >>> explorer.state["status"]
    'fond: positive.'
    """
    return Explorer(TextProbe(readers, text))


def _answer(positive: float) -> tuple[str, float]:
    """Return the likelier class and its probability."""
    return (CLASSES[1], positive) if positive >= 0.5 else (CLASSES[0], 1 - positive)
