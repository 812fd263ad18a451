"""From characters to the numbers by which the character language model knows them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache

import torch
from torch import Tensor

from cs826tl.assets.cache import asset_path

PADDING = 0
START = "<s>"  # stands before every text


class CharTokenizer:
    """Turns texts into character numbers and back; 0 is padding, `characters[k]` is number k.

    The pitfall: characters that the vocabulary lacks are left out.

    >>> toy = CharTokenizer({"<s>": 1, "a": 2, "b": 3})
    >>> toy(["ab", "baab?"], length=4)
    tensor([[0, 1, 2, 3],
            [3, 2, 2, 3]])
    """

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self.vocabulary = dict(vocabulary)
        by_number = {number: character for character, number in vocabulary.items()}
        last = max(by_number)
        self.characters = tuple(by_number.get(k, f"(none {k})") for k in range(last + 1))

    def __call__(self, texts: Sequence[str], length: int) -> Tensor:
        """Return `int64` numbers, shape `(N, length)`: the text's end, padded before its start.

        The network was trained in this way, so the last position has always read the text.

        Raises `TypeError` for a single text, `ValueError` for a length below 1.
        """
        check_texts(texts)
        if length < 1:
            raise ValueError(f"length={length}: must be at least 1 character per text")
        rows = torch.full((len(texts), length), PADDING)
        for row, text in zip(rows, texts, strict=True):
            known = self.numbers(text)[-length:]
            row[length - len(known) :] = torch.tensor(known)
        return rows

    def numbers(self, text: str) -> list[int]:
        """Return the start and all of the text as numbers."""
        known = (self.vocabulary[c] for c in text if c in self.vocabulary)
        return [self.vocabulary[START], *known]


@cache
def load_tokenizer() -> CharTokenizer:
    """Load the vocabulary of the character language model: 464 characters.

    Raises `AssetMissing` if `char_lstm` is not fetched yet.

    >>> load_tokenizer()(["I'm"], length=5)
    tensor([[  0, 464,   1,   3,  31]])
    """
    file = asset_path("char_lstm") / "textgenrnn_vocab.json"
    return CharTokenizer(json.loads(file.read_text(encoding="utf-8")))


def check_texts(texts: Sequence[str]) -> None:
    """Raise `TypeError`, with the fix, for a single text."""
    if isinstance(texts, str):
        raise TypeError(f"texts={texts!r} is one text: give a list, [text]")
