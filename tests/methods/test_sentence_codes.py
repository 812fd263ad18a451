"""Sentence codes against transformers' own loading, and what the pooling must not depend on."""

import numpy as np
import pytest

from cs826tl.assets.cache import AssetMissing, asset_path, is_available
from cs826tl.methods.text import sentence_codes
from cs826tl.methods.text.sentences import minilm

pytestmark = pytest.mark.skipif(not is_available("minilm"), reason="MiniLM (83 MB) is not fetched")

TEXTS = [
    "The battery died after a week.",
    "The accumulator did not last for long.",
    "A tender, funny film about growing old.",
    "ok",
]


def test_codes_are_those_of_transformers_own_loading() -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = asset_path("minilm")
    network = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    tokens = tokenizer(TEXTS, padding=True, truncation=True, max_length=256, return_tensors="pt")
    with torch.inference_mode():
        last = network(**tokens).last_hidden_state
    mask = tokens["attention_mask"][:, :, None]
    means = (last * mask).sum(1) / mask.sum(1)
    theirs = (means / means.norm(dim=1, keepdim=True)).numpy()
    assert sentence_codes(TEXTS) == pytest.approx(theirs, abs=1e-5)


def test_a_code_does_not_depend_on_its_neighbours_or_their_order() -> None:
    together, alone = sentence_codes(TEXTS), [sentence_codes([text])[0] for text in TEXTS]
    assert together == pytest.approx(np.stack(alone), abs=1e-5)
    assert sentence_codes(TEXTS[::-1])[::-1] == pytest.approx(together, abs=1e-5)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(4), abs=1e-5)


def test_the_same_said_in_other_words_is_nearer_than_another_subject() -> None:
    codes = sentence_codes(TEXTS)
    assert codes[0] @ codes[1] > codes[0] @ codes[2] + 0.2


def test_no_text_and_an_endless_one() -> None:
    assert sentence_codes([]).shape == (0, 384)
    assert np.isfinite(sentence_codes(["word " * 2000])).all()


def test_what_is_missing_is_named(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    minilm.cache_clear()
    with pytest.raises(AssetMissing, match="cs826tl fetch minilm"):
        sentence_codes(TEXTS)
