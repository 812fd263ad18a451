"""A causal language model of transformers as a row of stages, and what it says of texts.

Vectors go from stage to stage with shape `(N, length, features)`. Before the beginning of a text
they are zeros, as in front of the characters of the small language model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from cs826tl._errors import unknown
from cs826tl.devices import device_of
from cs826tl.methods.text.stages import Numbers
from cs826tl.methods.text.tokenizer import PADDING, check_texts
from cs826tl.methods.text.transformer import Embedding, Layer, Mean, hiding
from cs826tl.networks.staging import StagedModel
from cs826tl.training.batches import answering

BATCH = 8  # texts: 49,152 scores for each of their word pieces are much


class LanguageModel(StagedModel):
    """A language model that reads texts as they are; its classes are its word pieces.

    It scores the next word piece. What `with_head` or `with_text_head` makes of it is trained on
    `text_task(…, tokenizer=language_model.numbers)`.
    """

    head: nn.Sequential  # the last vector of a text, then the vocabulary
    tokenizer: Any

    def numbers(self, texts: Sequence[str], length: int | None = None) -> Tensor:
        """Return `int64` numbers, shape `(N, length)`: the text's end, padded before its start.

        Without a length, it is that of the longest text. Raises `TypeError` for a single text,
        `ValueError` for no text, an empty one, or a length below 1.
        """
        check_texts(texts)
        known = [text.ids for text in self._encoded(texts)]
        empty = [k for k, ids in enumerate(known) if not any(ids)]
        if empty or not known:
            said = f"text {empty[0]} is empty" if empty else "there are no texts"
            raise ValueError(f"{said}: give a list of texts of at least one word each")
        if length is not None and length < 1:
            raise ValueError(f"length={length}: must be at least 1 word piece per text")
        length = length or max(map(len, known))
        rows = [[PADDING] * (length - len(ids)) + ids[-length:] for ids in known]
        return torch.tensor(rows)

    def log_probabilities(self, texts: Sequence[str]) -> Tensor:
        """Return the natural logarithm of every text's probability, shape `(N,)`.

        The first word piece is given and not guessed, since nothing stands before it. The pitfall:
        a longer text is less probable; compare texts of one length, or divide. Raises as `numbers`.
        """

        def answer(numbers: Tensor) -> Tensor:
            scores: Tensor = self.head[-1](self.stages(self.preprocess(numbers)))[:, :-1]
            chosen = scores.gather(2, numbers[:, 1:, None])[..., 0]
            return ((chosen - scores.logsumexp(2)) * (numbers[:, :-1] != PADDING)).sum(1)

        return self._answers(texts, answer)

    def word_log_probabilities(self, prompts: Sequence[str], words: Sequence[str]) -> Tensor:
        """Return the logarithm of how probable each word is right after each prompt: `(N, words)`.

        The words begin with a space, as `" positive"` and `" negative"` after a review, a new line
        and `"Sentiment:"`; the argmax is a class without training (Brown et al. 2020,
        arXiv:2005.14165). The pitfall: small changes of the prompt move the answers. Raises as
        `numbers`, and `ValueError` for a word of several pieces.
        """
        check_texts(words)
        pieces = [word.tokens for word in self._encoded(words)]
        for word, found in zip(words, pieces, strict=True):
            if len(found) != 1:
                raise ValueError(f"{word!r} is {found}, not one word piece: choose a shorter word")
        ids = [self.tokenizer.token_to_id(found[0]) for found in pieces]
        return self._answers(prompts, lambda numbers: self(numbers).log_softmax(1)[:, ids])

    def codes(self, texts: Sequence[str], *, until: str | None = None) -> Tensor:
        """Return the mean of every text's vectors after a stage (None: the last): `(N, 576)`.

        Raises as `numbers`, and `ValueError` for an unknown stage.
        """
        names = [name for name, _ in self.stages.named_children()]
        if until is not None and until not in names:
            raise unknown("stage", until, names)
        row = self.stages[: names.index(until or names[-1]) + 1]
        return self._answers(texts, lambda numbers: Mean()(row(self.preprocess(numbers))))

    def _encoded(self, texts: Sequence[str]) -> list[Any]:
        # nothing in front, as transformers 5 reads the file; 4 would put the start of a chat there
        return list(self.tokenizer.encode_batch(list(texts), add_special_tokens=False))

    def _answers(self, texts: Sequence[str], answer: Callable[[Tensor], Tensor]) -> Tensor:
        """Answer for texts of about the same length at a time, so that little is padded."""
        numbers = self.numbers(texts)
        lengths = (numbers != PADDING).sum(1)
        order, device = lengths.argsort(), device_of(self)
        with answering(device, torch.float32, self):
            answers = [
                answer(numbers[rows, -int(lengths[rows].max()) :].to(device)).cpu()
                for rows in order.split(BATCH)
            ]
        return torch.cat(answers)[order.argsort()]


class CausalLayer(Layer):
    """One layer of attention, in which a word sees itself and the words before it."""

    def __init__(self, layer: nn.Module, rotary: nn.Module) -> None:
        super().__init__(layer)
        self.rotary = rotary

    def context(self, below: Tensor, real: Tensor) -> dict[str, Any]:
        """Return the mask and the places: the first word of a text is at 0, whatever is padded."""
        places = (real.cumsum(1) - 1).clamp(min=0)
        later = torch.ones(real.shape[1], real.shape[1], device=real.device).triu(1).bool()
        return {
            "attention_mask": hiding(later | ~real[:, None, None], below.dtype),
            "position_ids": places,
            "position_embeddings": self.rotary(below, places),
        }


class Last(nn.Module):
    """The last vector of a text, which has seen all of it."""

    def forward(self, below: Tensor) -> Tensor:
        """Return `(N, features)`."""
        return below[:, -1]


def causal(network: Any, tokenizer: Any, weights: str) -> LanguageModel:
    """Return a causal network of transformers, of Llama's kind, as a row of stages."""
    whole = network.model
    stages: dict[str, nn.Module] = {"embedding": Embedding(whole.embed_tokens)}
    for number, layer in enumerate(whole.layers, start=1):
        stages[f"layer{number}"] = CausalLayer(layer, whole.rotary_emb)
    last = f"layer{len(whole.layers)}"
    stages[last] = nn.Sequential(stages[last], whole.norm)
    head = nn.Sequential(Last(), network.lm_head)  # whose weights are the embedding's
    pieces = [tokenizer.id_to_token(k) for k in range(network.config.vocab_size)]
    numbers = Numbers(len(pieces), made_by="language_model.numbers(texts, length)")
    model = LanguageModel("SmolLM2-135M-Instruct", numbers, stages, head, pieces, weights)
    model.tokenizer = tokenizer
    return model.eval()
