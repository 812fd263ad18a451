"""What a text classifier answers, and which word moved it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from cs826tl.devices import device_of
from cs826tl.methods.text.tokenizer import load_tokenizer
from cs826tl.networks.modes import evaluation_mode
from cs826tl.networks.staging import StagedModel

Probabilities = NDArray[np.floating[Any]]
Reader = Callable[[Sequence[str]], Probabilities]


def read_texts(model: StagedModel, texts: Sequence[str], *, length: int = 100) -> Probabilities:
    """Return the probability of every class for every text, shape `(N, classes)`.

    `length` is that of the task which the model was trained on. Every part of the model keeps its
    mode. With `functools.partial` this becomes a function of texts, like scikit-learn's
    `predict_proba`. Raises as the tokenizer does.

    >>> from cs826tl.methods.text import load_language_model, with_text_head
    >>> model = with_text_head(load_language_model(), ["negative", "positive"])
    >>> read_texts(model, ["I like it.", "It broke."]).shape
    (2, 2)
    """
    numbers = load_tokenizer()(texts, length).to(device_of(model))
    with evaluation_mode(model), torch.inference_mode():
        probabilities: Probabilities = model(numbers).softmax(1).cpu().numpy()
    return probabilities


def word_effects(reader: Reader, text: str, *, limit: int = 30) -> list[tuple[str, float]]:
    """Return how much each word, by being there, raises the probability of the last class.

    Each of the first `limit` words is left out once, the rest read as it is. The pitfall: two
    words that say the same cover for each other, and then neither seems to matter.

    Raises `ValueError` for a text without words.

    >>> counted = lambda texts: np.array([[0, t.count("good") / 2] for t in texts])
    >>> word_effects(counted, "a good good film")
    [('a', 0.0), ('good', 0.5), ('good', 0.5), ('film', 0.0)]
    """
    words = text.split()
    if not words:
        raise ValueError("the text has no words: write a sentence")
    shown = words[:limit]
    without = [" ".join(words[:k] + words[k + 1 :]) for k in range(len(shown))]
    whole, *rest = reader([" ".join(words), *without])[:, -1].tolist()
    return [(word, whole - left) for word, left in zip(shown, rest, strict=True)]
