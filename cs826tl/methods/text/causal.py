"""A causal language model of transformers as a row of stages, and what it says of texts.

Vectors go from stage to stage with shape `(N, length, features)`. Before the beginning of a text
they are zeros, as in front of the characters of the small language model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from cs826tl._errors import unknown
from cs826tl.devices import device_of
from cs826tl.methods.text.stages import Numbers
from cs826tl.methods.text.tokenizer import PADDING, check_texts
from cs826tl.methods.text.transformer import Embedding, Layer, hiding
from cs826tl.networks.modes import evaluation_mode
from cs826tl.networks.staging import StagedModel, check_classes
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
        a longer text is less probable; compare texts of one length, or divide. Raises as `numbers`,
        and `ValueError` if the head no longer scores word pieces.
        """
        vocabulary = self._vocabulary()

        def answer(numbers: Tensor) -> Tensor:
            scores: Tensor = vocabulary(self.stages(self.preprocess(numbers)))[:, :-1]
            chosen = scores.gather(2, numbers[:, 1:, None])[..., 0]
            return ((chosen - scores.logsumexp(2)) * (numbers[:, :-1] != PADDING)).sum(1)

        return self._answers(texts, answer)

    def with_words(
        self, words: Sequence[str], classes: Sequence[str], *, after: str = ""
    ) -> LanguageModel:
        """Return a copy that puts a text into a class by the word that it expects right after it.

        Its head has the words' rows of the vocabulary: nothing is trained (Brown et al. 2020,
        arXiv:2005.14165). The words begin with a space, as `" positive"` does after a review, a new
        line and `"Sentiment:"`. `after` is read once, before every text: solved examples, say.
        The pitfalls: another wording moves the scores, so compare rankings too; the last word piece
        of `after` is cut off as if nothing followed; and the copy takes 0.5 GB.

        Raises `ValueError` for a word of several pieces or another number of classes than words.
        """
        vocabulary, ids = self._vocabulary(), self._pieces(words)
        check_classes(classes)
        if len(classes) != len(words):
            raise ValueError(f"{len(words)} words and {len(classes)} classes: give each its word")
        rows = skip_init(nn.Linear, vocabulary.in_features, len(ids), bias=False)
        rows.weight.data.copy_(vocabulary.weight.data[ids])
        parts = deepcopy((self.preprocess, dict(self.stages.named_children())))
        said = f"{self.weights}, its own words for a head"
        model = LanguageModel(self.title, *parts, nn.Sequential(Last(), rows), classes, said)
        model.tokenizer = self.tokenizer
        if after:
            model._read(self.numbers([after]).to(device_of(self)))
        return model.train(self.training)

    def scores(self, texts: Sequence[str]) -> Tensor:
        """Return one score for each class, shape `(N, classes)`, of texts of any lengths.

        Raises as `numbers`.
        """
        return self._answers(texts, self)

    def codes(self, texts: Sequence[str], *, until: str | None = None) -> Tensor:
        """Return the last word's vector after a stage (None: the last), shape `(N, 576)`.

        It alone has seen the whole text. Raises as `numbers`, and `ValueError` for another stage.
        """
        names = [name for name, _ in self.stages.named_children()]
        if until is not None and until not in names:
            raise unknown("stage", until, names)
        row = self.stages[: names.index(until or names[-1]) + 1]
        return self._answers(texts, lambda numbers: row(self.preprocess(numbers))[:, -1])

    def _vocabulary(self) -> Any:
        """Return the layer that scores the word pieces, unless another head stands there."""
        if len(self.classes) != self.preprocess.vocabulary:
            said = f"this model's head scores {list(self.classes)}, not word pieces"
            raise ValueError(f"{said}: ask load_language_model('smollm2')")
        return self.head[-1]

    def _pieces(self, words: Sequence[str]) -> list[int]:
        """Return the number of the one piece that each word is."""
        check_texts(words)
        encoded = self._encoded(words)
        for word, found in zip(words, encoded, strict=True):
            if len(found.ids) != 1:
                said = f"{word!r} is {found.tokens}, not one word piece"
                raise ValueError(f"{said}: choose a shorter word")
        return [found.ids[0] for found in encoded]

    @torch.no_grad()
    def _read(self, numbers: Tensor) -> None:
        """Keep, in each layer, the keys and values of what is read before every text."""
        layers = [module for module in self.modules() if isinstance(module, CausalLayer)]
        for layer in layers:
            layer.before.reading = True
        with evaluation_mode(self):
            self.stages(numbers)
        for layer in layers:
            layer.before.reading = False

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
        self.before = Before()

    def attended(self, below: Tensor, real: Tensor) -> Any:
        """Return what transformers' layer answers: a text's first word has the place 0.

        It has a later one after what was read before all texts, whatever is padded in between.
        """
        known, length = self.before.keys.shape[2], real.shape[1]
        places = known + (real.cumsum(1) - 1).clamp(min=0)
        later = torch.ones(length, length, device=real.device).triu(1).bool()
        mask = hiding(nn.functional.pad(later | ~real[:, None, None], (known, 0)), below.dtype)
        # the fourth is the cache, which has another name in every other version of transformers
        rotated = self.rotary(below, places)
        return self.layer(below, mask, places, self.before, position_embeddings=rotated)


class Before(nn.Module):
    """The keys and values of the words that are read before all texts, as a cache of one layer."""

    keys: Tensor
    values: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.reading = False
        for name in ("keys", "values"):
            self.register_buffer(name, torch.zeros(1, 1, 0, 1), persistent=False)

    def update(self, keys: Tensor, values: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Return them behind those that are kept; transformers calls it in every layer."""
        if self.reading:
            self.keys, self.values = keys, values
        elif self.keys.shape[2]:
            keys, values = (
                torch.cat([kept.expand(len(new), -1, -1, -1), new], 2)
                for kept, new in ((self.keys, keys), (self.values, values))
            )
        return keys, values


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
