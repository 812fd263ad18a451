"""Sentence codes: the vector for a sentence from MiniLM, trained on a billion pairs of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from cs826tl.assets.cache import asset_path
from cs826tl.methods.text.tokenizer import check_texts

if TYPE_CHECKING:
    from torch import Tensor, nn

BATCH = 32  # sentences
LONGEST = 256  # tokens; MiniLM was trained on no more


def sentence_codes(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return MiniLM's code of every text, of length 1: shape `(N, 384)`, `float32`.

    The mean of the token vectors of the last layer (Wang et al. 2020, arXiv:2002.10957; trained on
    pairs of sentences as in Reimers and Gurevych 2019, arXiv:1908.10084). About 5 to 10 ms
    per sentence on a laptop. The pitfall: it was trained to bring together sentences *about* the
    same thing; whether somebody likes that thing is only a part of it.

    Raises `TypeError` for a single text, `AssetMissing` if `minilm` (83 MB) is not fetched, and
    `ImportError` if transformers is not installed: `pip install 'cs826tl[text]'`.

    >>> sentence_codes("one text")
    Traceback (most recent call last):
    TypeError: texts='one text' is one text: give a list, [text]
    """
    check_texts(texts)
    tokenizer, network = minilm()
    order = sorted(range(len(texts)), key=lambda k: len(texts[k]))  # so that little is padded
    codes = np.empty((len(texts), network.config.hidden_size), np.float32)
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        codes[rows] = _code(tokenizer, network, [texts[k] for k in rows])
    return codes


@torch.inference_mode()
def _code(tokenizer: Any, network: nn.Module, texts: list[str]) -> NDArray[np.float32]:
    encoded = tokenizer.encode_batch(texts)
    ids = torch.tensor([text.ids for text in encoded])
    mask = torch.tensor([text.attention_mask for text in encoded])
    tokens: Tensor = network(input_ids=ids, attention_mask=mask).last_hidden_state
    means = (tokens * mask[:, :, None]).sum(1)  # divided by the length below, whatever it is
    codes: NDArray[np.float32] = torch.nn.functional.normalize(means, dim=1).numpy()
    return codes


@cache
def minilm() -> tuple[Any, Any]:
    """Load MiniLM's tokenizer and network from the cache, once; no hub is asked."""
    folder = asset_path("minilm")
    try:
        from tokenizers import Tokenizer
        from transformers import BertConfig, BertModel
    except ImportError as error:
        raise ImportError(
            "sentence codes need transformers: run `pip install 'cs826tl[text]'`"
        ) from error
    from safetensors.torch import load_file

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
    tokenizer.enable_truncation(LONGEST)
    config = BertConfig.from_json_file(folder / "config.json")
    network: Any = BertModel(config, add_pooling_layer=False)
    wanted = network.state_dict()
    trained = load_file(folder / "model.safetensors")
    network.load_state_dict({name: trained[name] for name in wanted})
    return tokenizer, network.eval()
