"""Tasks made of texts: what a whole text says, and which character comes next."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from cs826tl.data.reviews import Reviews, Texts
from cs826tl.data.tasks import Split, Task
from cs826tl.methods.text.tokenizer import START, CharTokenizer, load_tokenizer
from cs826tl.networks.staging import StagedModel
from cs826tl.training.evaluation import measured

Tokenizer = Callable[[Sequence[str], int], Tensor]
WINDOW = 40  # characters, which the language model was trained on
MEASURED = 3000  # windows of the validation and the test split


def text_task(reviews: Reviews, *, length: int = 100, tokenizer: Tokenizer | None = None) -> Task:
    """Return the opinions of a domain as a task for the character LSTM, or for another reader.

    `reviews` are what `load_reviews` returns. Inputs are `int64` numbers, shape `(N, length)`:
    characters, or what another `tokenizer` makes, such as `word_pieces`. The pitfall: only `length`
    numbers of a longer text are kept, its last characters or its first word pieces; training takes
    time in proportion. Raises as the tokenizer.

    >>> from cs826tl.data import load_reviews
    >>> text_task(load_reviews("amazon")).train.inputs.shape
    torch.Size([1815, 100])
    """
    tokenizer = tokenizer or load_tokenizer()

    def split(part: Texts) -> Split:
        return Split(tokenizer(part.texts, length), torch.from_numpy(part.labels))

    splits = (split(reviews.train), split(reviews.validation), split(reviews.test))
    return Task(reviews.name, reviews.classes, *splits, reviews.origin)


def language_task(reviews: Reviews, *, windows: int = 10_000, seed: int = 0) -> Task:
    """Return a task without labels of its own: to guess the next character of a domain's texts.

    `reviews` are what `load_reviews` returns. Inputs are windows of 40 characters, labels the
    character after each; the classes are the vocabulary. `windows` of the training texts are drawn
    by `seed`; those of validation and test are the same for every seed. No opinion is looked at.

    Raises `ValueError` for less than one window.

    >>> from cs826tl.data import load_reviews
    >>> task = language_task(load_reviews("tweets"), windows=500)
    >>> task
    Task 'tweets': 465 classes; 500 train, 3000 validation, 3000 test; from tweets
    """
    if windows < 1:
        raise ValueError(f"windows={windows}: must be at least 1")
    tokenizer = load_tokenizer()
    splits = (
        _windows(reviews.train, tokenizer, windows, seed),
        _windows(reviews.validation, tokenizer, MEASURED, 0),
        _windows(reviews.test, tokenizer, MEASURED, 0),
    )
    return Task(reviews.name, tokenizer.characters, *splits, reviews.origin)


def bits_per_character(model: StagedModel, task: Task, split: str = "test") -> float:
    """Return how many bits the model needs, on average over a split, to be told the next character.

    The cross-entropy in bits: 0 for a model that always knows it, log2(465) = 8.9 for one that
    knows nothing. The pitfall: it can be compared only for one vocabulary and the same texts.
    Raises as `evaluate` does.

    >>> from cs826tl.data import load_reviews
    >>> from cs826tl.methods.text import load_language_model
    >>> task = language_task(load_reviews("amazon"), windows=1)
    >>> 2 < bits_per_character(load_language_model(), task) < 3
    True
    """
    loss, _ = measured(model, task, split)
    return loss / math.log(2)


def _windows(part: Texts, tokenizer: CharTokenizer, count: int, seed: int) -> Split:
    """Draw places in the texts; return what stands before each, padded in front, and what there.

    After the last character of a text comes the start of the next.
    """
    texts = [[*tokenizer.numbers(text), tokenizer.vocabulary[START]] for text in part.texts]
    places = torch.tensor([(k, end) for k, text in enumerate(texts) for end in range(1, len(text))])
    generator = torch.Generator().manual_seed(seed)
    drawn = places[torch.randint(len(places), (count,), generator=generator)]
    inputs = torch.stack([_before(texts[k], end) for k, end in drawn.tolist()])
    return Split(inputs, torch.tensor([texts[k][end] for k, end in drawn.tolist()]))


def _before(numbers: list[int], end: int) -> Tensor:
    window = torch.zeros(WINDOW, dtype=torch.int64)
    kept = numbers[max(0, end - WINDOW) : end]
    window[WINDOW - len(kept) :] = torch.tensor(kept)
    return window
