"""MiniLM as a row of stages, so that a transformer can be frozen, fine-tuned and given adapters.

Vectors go from stage to stage with shape `(N, length, 384)`. After the end of a text they are
zeros, which is how the next stage knows what not to look at.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from cs826tl.methods.text.sentences import LONGEST, minilm
from cs826tl.methods.text.stages import Numbers
from cs826tl.methods.text.tokenizer import PADDING, check_texts
from cs826tl.networks.staging import StagedModel, check_classes


def load_sentence_network(classes: Sequence[str], *, seed: int = 0) -> StagedModel:
    """Load MiniLM with a new head: an embedding, six layers of attention, the mean of the words.

    Its inputs are made by `word_pieces`, or by `text_task(…, tokenizer=word_pieces)`; its code of a
    text is the direction of `sentence_codes`, not yet divided by its length. `seed` draws the head.
    The pitfall: a layer's own dropout is at work wherever the layer is being fine-tuned.

    Raises `ValueError` for fewer than two classes, and what `sentence_codes` raises if the
    weights or transformers are missing.

    >>> from cs826tl.assets.cache import is_available
    >>> if is_available("minilm"):
    ...     print(load_sentence_network(["negative", "positive"]))
    ... else:
    ...     print("MiniLM: cs826tl fetch minilm")
    MiniLM...
    """
    check_classes(classes)
    _, network = minilm()
    bert: Any = deepcopy(network)
    stages: dict[str, nn.Module] = {"embedding": Embedding(bert.embeddings)}
    for number, layer in enumerate(bert.encoder.layer, start=1):
        stages[f"layer{number}"] = Layer(layer)
    stages["mean"] = Mean()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = nn.Linear(bert.config.hidden_size, len(classes))
    numbers = Numbers(bert.config.vocab_size, made_by="word_pieces(texts, length=…)")
    said = "weights from a billion pairs of sentences, new head"
    return StagedModel("MiniLM", numbers, stages, head, classes, said)


def word_pieces(texts: Sequence[str], length: int) -> Tensor:
    """Return the numbers of every text's word pieces: `int64`, shape `(N, length)`.

    The first stands for the beginning and the last for the end of the text; zeros fill the rest.
    Only the beginning of a longer text is kept, whereas `CharTokenizer` keeps the end.

    Raises `ValueError` for less than three pieces or more than MiniLM was trained on, `TypeError`
    for a single text, and what `sentence_codes` raises if something is missing.

    >>> word_pieces("one text", length=8)
    Traceback (most recent call last):
    TypeError: texts='one text' is one text: give a list, [text]
    """
    check_texts(texts)
    tokenizer, _ = minilm()
    if not 3 <= length <= LONGEST:
        raise ValueError(f"length={length}: a text has from 3 to {LONGEST} word pieces")
    numbers = torch.full((len(texts), length), PADDING)
    for row, text in zip(numbers, tokenizer.encode_batch(list(texts)), strict=True):
        kept = [number for number, real in zip(text.ids, text.attention_mask, strict=True) if real]
        if len(kept) > length:
            kept = [*kept[: length - 1], kept[-1]]
        row[: len(kept)] = torch.tensor(kept)
    return numbers


class Embedding(nn.Module):
    """A vector for each word piece, which knows its place in the text."""

    def __init__(self, embeddings: nn.Module) -> None:
        super().__init__()
        self.embeddings = embeddings

    def forward(self, numbers: Tensor) -> Tensor:
        """Return `(N, length, features)` of numbers `(N, length)`."""
        vectors: Tensor = self.embeddings(numbers)
        return vectors * (numbers != PADDING)[..., None]


class Layer(nn.Module):
    """One layer of attention, in which no word looks at what is not part of its text."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, below: Tensor) -> Tensor:
        """Return `(N, length, features)`."""
        real = below.any(-1)
        answers = self.attended(below, real)
        vectors: Tensor = answers if isinstance(answers, Tensor) else answers[0]  # transformers < 5
        return vectors * real[..., None]

    def attended(self, below: Tensor, real: Tensor) -> Any:
        """Return what transformers' layer answers: `real` says which vectors are words."""
        return self.layer(below, attention_mask=hiding(~real[:, None, None], below.dtype))


def hiding(hidden: Tensor, number_type: torch.dtype) -> Tensor:
    """Return what attention adds to its scores: as good as minus infinity for what is hidden."""
    none = torch.zeros(hidden.shape, dtype=number_type, device=hidden.device)
    return none.masked_fill(hidden, torch.finfo(number_type).min)


class Mean(nn.Module):
    """The mean of a text's vectors."""

    def forward(self, below: Tensor) -> Tensor:
        """Return `(N, features)`."""
        return below.sum(1) / below.any(-1).sum(1, keepdim=True).clamp(min=1)
