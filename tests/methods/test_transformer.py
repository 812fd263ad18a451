"""MiniLM in stages against MiniLM whole; freezing, codes, the audit and LoRA know its layers."""

import re
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import cs826tl as tl
from cs826tl.assets.cache import is_available
from cs826tl.methods.text import load_sentence_network, word_pieces
from cs826tl.methods.text.sentences import minilm
from cs826tl.training.adapters import adapters, add_lora, merge_lora
from cs826tl.training.auditing import Finding

pytestmark = pytest.mark.skipif(not is_available("minilm"), reason="MiniLM (83 MB) is not fetched")

TEXTS = ["The battery died after a week.", "ok", "A tender, funny film about growing old."]
CLASSES = ["negative", "positive"]


def test_codes_are_those_of_the_whole_network_however_much_is_padded() -> None:
    network = load_sentence_network(CLASSES)
    for length in (16, 40):
        codes = tl.encode(network, word_pieces(TEXTS, length=length)).cpu()
        ours = nn.functional.normalize(codes, dim=1).numpy()
        assert ours == pytest.approx(tl.methods.text.sentence_codes(TEXTS), abs=1e-5)


def test_each_stage_gives_the_vectors_of_that_layer() -> None:
    network, (_, whole) = load_sentence_network(CLASSES), minilm()
    numbers = word_pieces(TEXTS, length=12)
    mask = (numbers != 0).long()
    with torch.no_grad():
        states = whole(numbers, attention_mask=mask, output_hidden_states=True).hidden_states
    names = [name for name, _ in network.stages.named_children()][:-1]
    for name, theirs in zip(names, states, strict=True):
        ours = tl.encode(network, numbers, until=name).cpu()
        torch.testing.assert_close(ours, theirs * mask[..., None], atol=1e-5, rtol=1e-5)


def test_word_pieces_are_those_of_transformers_own_tokenizer() -> None:
    from transformers import AutoTokenizer

    from cs826tl.assets.cache import asset_path

    tokenizer = AutoTokenizer.from_pretrained(asset_path("minilm"), local_files_only=True)
    for length in (5, 20):
        how = {"padding": "max_length", "truncation": True, "max_length": length}
        theirs = tokenizer(TEXTS, **how, return_tensors="np")["input_ids"]
        assert np.array_equal(word_pieces(TEXTS, length=length).numpy(), theirs)


def test_a_frozen_transformer_learns_above_and_the_audit_agrees() -> None:
    reviews = tl.data.load_reviews("amazon")
    reviews = replace(reviews, validation=reviews.validation[:10], test=reviews.test[:10])
    task = tl.few_shot(
        tl.methods.text.text_task(reviews, length=24, tokenizer=word_pieces), 20, seed=0
    )
    model = tl.freeze(load_sentence_network(task.classes), through="layer5")
    before = tl.snapshot(model)
    history = tl.fit(model, task, epochs=2, lr=1e-3, progress=False)
    assert history["loss"][-1] < history["loss"][1]
    found = tl.audit(model, before)["verdict"]
    frozen = ["embedding", *[f"layer{k}" for k in range(1, 6)]]
    assert set(found[frozen]) == {Finding.FROZEN_STILL}
    assert set(found[["layer6", "head"]]) == {Finding.TRAINABLE_MOVED}


def test_adapters_are_those_of_peft() -> None:
    peft = pytest.importorskip("peft")
    ours, (_, whole) = load_sentence_network(CLASSES).eval(), minilm()
    add_lora(ours, rank=2, alpha=6)
    torch.manual_seed(0)  # peft draws from the global generator
    how = {"target_modules": "all-linear", "init_lora_weights": False}
    theirs = peft.get_peft_model(deepcopy(whole), peft.LoraConfig(r=2, lora_alpha=6, **how)).eval()
    wrapped = [m for m in theirs.modules() if hasattr(m, "lora_A")]
    for layer, other in zip(adapters(ours), wrapped, strict=True):
        layer.down.load_state_dict(other.lora_A["default"].state_dict())
        layer.up.load_state_dict(other.lora_B["default"].state_dict())
    numbers = word_pieces(TEXTS, length=12)
    mask = (numbers != 0).long()
    with torch.no_grad():
        answers = ours.stages[:-1](numbers)
        last = theirs(input_ids=numbers, attention_mask=mask).last_hidden_state
        torch.testing.assert_close(answers, last * mask[..., None], atol=1e-4, rtol=1e-4)
        assert not answers.allclose(load_sentence_network(CLASSES).eval().stages[:-1](numbers))
        torch.testing.assert_close(merge_lora(ours).stages[:-1](numbers), answers)


def test_what_cannot_be_read_is_refused() -> None:
    network = load_sentence_network(CLASSES)
    with pytest.raises(TypeError, match=re.escape("word_pieces(texts, length=…)")):
        network(torch.zeros(2, 8))
    for length in (2, 257):
        with pytest.raises(ValueError, match=f"length={length}: a text has from 3 to 256 word"):
            word_pieces(TEXTS, length=length)
    with pytest.raises(TypeError, match="give a list"):
        word_pieces("one text", length=8)
