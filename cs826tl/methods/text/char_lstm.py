"""Language models by name, and the character LSTM textgenrnn in PyTorch: weights, two heads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from cs826tl._errors import unknown
from cs826tl.assets.cache import asset_path
from cs826tl.methods.text.causal import LanguageModel, Last
from cs826tl.methods.text.smollm2 import load_smollm2
from cs826tl.methods.text.stages import AddingLSTM, Attention, Embedding, Numbers, Pooling
from cs826tl.methods.text.tokenizer import load_tokenizer
from cs826tl.networks.heads import with_head
from cs826tl.networks.staging import StagedModel

EMBEDDING, UNITS = 100, 128
FEATURES = EMBEDDING + 2 * UNITS  # what lies above sees all three stages
PUBLISHED, RANDOM = "textgenrnn", "random"
WEIGHTS = {"char_lstm": PUBLISHED, "smollm2": "instruct"}  # the published ones of each model

Array = NDArray[np.float32]


def load_language_model(
    name: str = "char_lstm", *, weights: str | None = None, seed: int = 0
) -> StagedModel:
    """Load a language model: from what it has read it guesses the next character or word piece.

    `char_lstm` reads up to 40 characters: an embedding, two LSTMs of 128 and an attention over all
    three; M. Woolf trained it on posts of a forum (textgenrnn 2.0.0). The pitfall: it is good at 40
    characters, padded in front, and at no other length, because it has learnt to count.
    `smollm2` reads up to 8,192 word pieces: an embedding and 30 layers of attention, 134.5 million
    weights of 4 bits, unpacked (Ben Allal et al. 2025, arXiv:2502.02737). It has methods for texts:
    `numbers`, `log_probabilities`, `with_words`, `scores` and `codes`. The pitfalls: it takes 0.6
    GB of memory, its first load half a minute and 1.3 GB; and its head has the embedding's weights,
    so that freezing one freezes both. `weights="random"` gives an untrained model, drawn by `seed`
    (None: the published ones).

    Raises `ValueError` for another name or other weights, `AssetMissing` if the asset of that name
    is not fetched; for `smollm2` also `ImportError`, and `MemoryError` if too little is free.

    >>> load_language_model()
    Character LSTM, textgenrnn's weights: embedding, lstm1, lstm2, attention, head; ...
    """
    if name not in WEIGHTS:
        raise unknown("language model", name, WEIGHTS)
    weights = weights or WEIGHTS[name]
    if weights not in (WEIGHTS[name], RANDOM):
        raise unknown("weights", weights, (WEIGHTS[name], RANDOM))
    if name == "smollm2":
        return load_smollm2(random=weights == RANDOM, seed=seed)
    return _char_lstm(random=weights == RANDOM, seed=seed)


def _char_lstm(*, random: bool, seed: int) -> StagedModel:
    characters = load_tokenizer().characters
    stages: dict[str, nn.Module] = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        stages["embedding"] = Embedding(len(characters), EMBEDDING)
        stages["lstm1"] = AddingLSTM(EMBEDDING, UNITS)
        stages["lstm2"] = AddingLSTM(UNITS, UNITS)
        stages["attention"] = Attention(FEATURES)
        head = nn.Linear(FEATURES, len(characters))
    said = "random weights" if random else "textgenrnn's weights"
    numbers = Numbers(len(characters), made_by="load_tokenizer()(texts, length)")
    model = StagedModel("Character LSTM", numbers, stages, head, characters, said)
    return model if random else _filled(model)


def with_text_head(
    language_model: StagedModel, classes: Sequence[str], *, seed: int = 0
) -> StagedModel:
    """Return a copy of the language model with a new head that puts a whole text into a class.

    `language_model` comes from `load_language_model`; `classes` are the new head's. The character
    LSTM's attention, which looks for the next character, goes; the head sees the last position, the
    mean and the highest value of all positions, as ULMFiT's does [C14]. The head of `smollm2` sees
    the last word, which alone has seen the whole text. `seed` draws the head.

    Raises `ValueError` as `with_head` does, or for another model than `load_language_model`'s.

    >>> with_text_head(load_language_model(), ["negative", "positive"])
    Character LSTM, textgenrnn's weights, new head: embedding, lstm1, lstm2, head; ...
    """
    model = with_head(language_model, classes, seed=seed)
    stages = dict(model.stages.named_children())
    if isinstance(language_model, LanguageModel):
        *_, linear = model.head.children()
        stages["last"] = Last()
        return StagedModel(model.title, model.preprocess, stages, linear, classes, model.weights)
    if not isinstance(stages.pop("attention", None), Attention):
        raise ValueError(f"{language_model.title} reads no texts: give load_language_model()")
    stages["lstm2"] = nn.Sequential(stages["lstm2"], Pooling())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        head = nn.Linear(3 * FEATURES, len(classes))
    return StagedModel(model.title, model.preprocess, stages, head, classes, model.weights)


@torch.no_grad()
def _filled(model: StagedModel) -> StagedModel:
    """Copy the weights out of Keras' file into the model's stages and head."""
    import h5py

    with h5py.File(asset_path("char_lstm") / "textgenrnn_weights.hdf5") as file:

        def read(layer: str, *names: str) -> list[Array]:
            return [file[f"{layer}/{layer}/{name}:0"][()] for name in names]

        lstm = ("kernel", "recurrent_kernel", "bias")
        (embedding,) = read("embedding", "embeddings")
        (attention,) = read("attention", "attention_W")
        kernel, bias = read("output", "kernel", "bias")
        arrays = [embedding, *to_torch(*read("rnn_1", *lstm)), *to_torch(*read("rnn_2", *lstm))]
        arrays += [attention[:, 0], kernel.T, bias]
    for parameter, array in zip(model.parameters(), arrays, strict=True):
        parameter.copy_(torch.from_numpy(np.ascontiguousarray(array)))
    return model


def to_torch(kernel: Array, recurrent: Array, bias: Array) -> list[Array]:
    """Return the four parameters of `nn.LSTM` out of the three of Keras' CuDNNLSTM.

    Both have the gates in the order input, forget, cell, output, and two biases a gate. The
    pitfall: a kernel looks as in Keras, `(features in, 4 * units)`, but each gate of it holds the
    rows of its transpose, one after another: CuDNN's order.
    """
    features_in, units = kernel.shape[0], kernel.shape[1] // 4
    inputs = [gate.reshape(units, features_in) for gate in np.split(kernel, 4, axis=1)]
    own = np.split(recurrent, 4, axis=1)
    return [np.concatenate(inputs), np.concatenate(own), *np.split(bias, 2)]
