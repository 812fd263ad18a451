"""SmolLM2 in stages against transformers' own reading of its file, and the verbs that act on it."""

import builtins
import hashlib
import importlib.util
import re
import shutil
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import cs826tl as tl
from cs826tl.assets.cache import ASSETS, AssetMissing, asset_path, is_available, places
from cs826tl.assets.seals import write_seal
from cs826tl.methods.text import load_language_model, smollm2, text_task, with_text_head
from cs826tl.methods.text.causal import LanguageModel
from cs826tl.methods.text.smollm2 import FILE, NAME
from cs826tl.training.adapters import adapters, add_lora, merge_lora
from cs826tl.training.auditing import Finding
from cs826tl.training.evaluation import measured

HAS_GGUF = importlib.util.find_spec("gguf") is not None
UNPACKED = any((place / "smollm2" / FILE).is_file() for place in places())
needs_gguf = pytest.mark.skipif(not HAS_GGUF, reason="gguf is not installed")
pytestmark = [
    pytest.mark.skipif(not is_available("smollm2"), reason="SmolLM2 (93 MB) is not fetched"),
    pytest.mark.skipif(not (HAS_GGUF or UNPACKED), reason="SmolLM2 needs gguf to be unpacked"),
    pytest.mark.skipif(importlib.util.find_spec("transformers") is None, reason="no transformers"),
]

TEXTS = [
    "The battery died after a week.",
    "ok",
    "A tender, funny film about growing old, naïve 🙂.",
]
CLASSES = ["negative", "positive"]
SOURCE = asset_path("smollm2") if is_available("smollm2") else Path()


@pytest.fixture(scope="module")
def lm() -> LanguageModel:
    pytest.importorskip("transformers")
    model = load_language_model("smollm2")
    assert isinstance(model, LanguageModel)
    return model


@pytest.fixture(scope="module")
def whole() -> tuple[Any, Any]:
    """Return transformers' own tokenizer and network, read out of the asset's file."""
    if not HAS_GGUF:
        pytest.skip("gguf is not installed")
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where = {"gguf_file": SOURCE.name}
    tokenizer = AutoTokenizer.from_pretrained(SOURCE.parent, **where)
    network = AutoModelForCausalLM.from_pretrained(SOURCE.parent, **where)
    return tokenizer, network.eval()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty cache's folder of the asset."""
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    monkeypatch.delenv("CS826TL_SHARED", raising=False)
    (tmp_path / "smollm2").mkdir()
    return tmp_path / "smollm2"


# --- the port ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_word_pieces_scores_and_layers_are_those_of_transformers(lm, whole) -> None:
    tokenizer, network = whole
    numbers = lm.numbers(TEXTS)
    for text, row in zip(TEXTS, numbers, strict=True):
        ids = tokenizer(text, add_special_tokens=False, return_tensors="pt")["input_ids"]
        assert row[row != 0].tolist() == ids[0].tolist()
        with torch.no_grad():
            theirs = network(ids, labels=ids, output_hidden_states=True)
            ours = lm(row[None])
        torch.testing.assert_close(ours, theirs.logits[:, -1], atol=2e-3, rtol=1e-4)
        for stage, state in (("embedding", 0), ("layer1", 1), ("layer16", 16), ("layer30", 30)):
            last = theirs.hidden_states[state][:, -1]
            torch.testing.assert_close(lm.codes([text], until=stage), last, atol=2e-3, rtol=1e-3)
        if len(ids[0]) > 1:
            said = -float(theirs.loss) * (len(ids[0]) - 1)
            assert float(lm.log_probabilities([text])) == pytest.approx(said, rel=1e-4)


WORDS = [" negative", " positive"]
PROMPTS = [f"Review: {text}\nSentiment:" for text in TEXTS]
SHOWN = "Review: I love it.\nSentiment: positive\nReview: It broke.\nSentiment: negative\n"


@pytest.mark.slow
@pytest.mark.parametrize("after", ["", SHOWN])
def test_a_word_after_a_prompt_scores_as_transformers_says(lm, whole, after: str) -> None:
    tokenizer, network = whole
    asked = lm.with_words(WORDS, CLASSES, after=after)
    assert asked.classes == tuple(CLASSES)
    ours = asked.scores(PROMPTS)  # of three lengths, together, and padded
    for row, prompt in zip(ours, PROMPTS, strict=True):
        with torch.no_grad():
            ids = tokenizer(after + prompt, add_special_tokens=False, return_tensors="pt")
            scores = network(ids["input_ids"]).logits[0, -1]
        pieces = tokenizer(WORDS, add_special_tokens=False)["input_ids"]
        expected = scores[[piece for (piece,) in pieces]]
        torch.testing.assert_close(row, expected, atol=2e-3, rtol=1e-4)


@pytest.mark.slow
def test_what_is_read_before_belongs_to_the_copy_and_lasts_through_training(lm) -> None:
    plain = lm.with_words(WORDS, CLASSES).scores(PROMPTS)
    shown = lm.with_words(WORDS, CLASSES, after=SHOWN)
    assert (shown.scores(PROMPTS) - plain).abs().amin() > 0.1
    numbers = lm.numbers(PROMPTS, 20)
    targets = torch.tensor([0, 1, 1])
    add_lora(shown, "layer30", rank=2)
    optimizer = torch.optim.AdamW([p for p in shown.parameters() if p.requires_grad], lr=1e-2)
    losses = []
    for _ in range(4):
        losses.append(nn.functional.cross_entropy(shown(numbers), targets))
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < 0.5 * losses[0]
    assert torch.equal(lm.with_words(WORDS, CLASSES).scores(PROMPTS), plain)


def test_padding_and_neighbours_change_nothing(lm) -> None:
    together = lm.log_probabilities(TEXTS)
    alone = torch.cat([lm.log_probabilities([text]) for text in TEXTS])
    torch.testing.assert_close(together, alone, atol=2e-3, rtol=1e-4)
    torch.testing.assert_close(
        lm(lm.numbers(TEXTS, 40)), lm(lm.numbers(TEXTS)), atol=2e-3, rtol=1e-4
    )
    alone = torch.cat([lm.codes([text], until="layer2") for text in TEXTS])
    torch.testing.assert_close(lm.codes(TEXTS, until="layer2"), alone, atol=1e-4, rtol=1e-4)
    assert lm.log_probabilities(["ok"]).item() == 0  # its one piece is given


def test_the_end_of_a_longer_text_is_kept(lm) -> None:
    assert lm.numbers(TEXTS[:1], 3).tolist() == lm.numbers(TEXTS[:1])[:, -3:].tolist()


def test_the_embedding_is_the_head(lm) -> None:
    assert lm.head[-1].weight is lm.stages.embedding.embeddings.weight
    assert sum(p.numel() for p in lm.parameters()) == 134_515_008  # the paper's 135 million


@pytest.mark.slow
def test_random_weights_are_drawn_by_the_seed_and_know_nothing(lm) -> None:
    drawn = [load_language_model("smollm2", weights="random", seed=seed) for seed in (1, 1, 2)]
    said = [model.log_probabilities(TEXTS[:1]) for model in drawn]
    assert said[0] == said[1] != said[2]
    assert said[0] < lm.log_probabilities(TEXTS[:1]) - 20
    assert "random weights" in repr(drawn[0])


@needs_gguf
@pytest.mark.slow
def test_it_is_unpacked_once_for_everybody_who_may_read_the_asset(lm, home: Path) -> None:
    for file in (SOURCE, SOURCE.parent / ".sha256.json"):
        shutil.copy(file, home)
    (home / SOURCE.name).chmod(0o644)
    models = [load_language_model("smollm2") for _ in range(2)]
    (unpacked,) = home.glob("*.safetensors")
    assert unpacked.stat().st_mode == (home / SOURCE.name).stat().st_mode
    for model in models:
        for (name, ours), theirs in zip(lm.named_parameters(), model.parameters(), strict=True):
            assert torch.equal(ours, theirs), name
    assert len(list(home.iterdir())) == 3


# --- the verbs --------------------------------------------------------------------------------


def small_task(lm: LanguageModel) -> tl.Task:
    reviews = tl.data.load_reviews("amazon")
    reviews = replace(reviews, validation=reviews.validation[:4], test=reviews.test[:4])
    return tl.few_shot(text_task(reviews, length=12, tokenizer=lm.numbers), 4, seed=0)


@pytest.mark.slow
@pytest.mark.skipif(not is_available("sentiment"), reason="sentiment is not fetched")
def test_a_frozen_language_model_learns_above_and_the_audit_agrees(lm) -> None:
    unpacked = next(p for place in places() if (p := place / "smollm2" / FILE).is_file())
    digest = hashlib.sha256(unpacked.read_bytes()).hexdigest()
    task = small_task(lm)
    model = tl.freeze(with_text_head(lm, task.classes), through="layer28")
    before = tl.snapshot(model)
    history = tl.fit(model, task, epochs=3, lr=1e-3, progress=False)
    assert history["loss"][-1] < history["loss"][1]
    found = tl.audit(model, before)["verdict"]
    frozen = ["embedding", *[f"layer{k}" for k in range(1, 29)]]
    assert set(found[frozen]) == {Finding.FROZEN_STILL}
    assert set(found[["layer29", "layer30", "head"]]) == {Finding.TRAINABLE_MOVED}
    assert hashlib.sha256(unpacked.read_bytes()).hexdigest() == digest  # training stays in memory


@pytest.mark.slow
@pytest.mark.skipif(not is_available("sentiment"), reason="sentiment is not fetched")
def test_fine_tuning_without_labels_makes_a_text_more_probable_and_spares_the_head(lm) -> None:
    numbers = lm.numbers(TEXTS, 6)
    split = tl.data.Split(numbers[:, :-1], numbers[:, -1])
    task = tl.Task("next word piece", lm.classes, split, split, split, "three sentences")
    model = tl.freeze(deepcopy(lm), through="layer28")
    before, said = tl.snapshot(model), measured(model, task, "test")[0]
    tl.fit(model, task, epochs=1, lr=1e-3, progress=False)
    found = tl.audit(model, before)["verdict"]
    assert set(found[["embedding", "layer28", "head"]]) == {Finding.FROZEN_STILL}
    assert set(found[["layer29", "layer30"]]) == {Finding.TRAINABLE_MOVED}
    assert measured(model, task, "test")[0] < said


def test_a_new_head_sees_the_last_word(lm) -> None:
    numbers, codes = lm.numbers(TEXTS), lm.codes(TEXTS)
    text, plain = with_text_head(lm, CLASSES).eval(), tl.with_head(lm, CLASSES).eval()
    torch.testing.assert_close(tl.encode(text, numbers).cpu(), codes, atol=1e-3, rtol=1e-3)
    with torch.no_grad():
        torch.testing.assert_close(text(numbers), text.head(codes), atol=1e-3, rtol=1e-3)
        torch.testing.assert_close(plain(numbers), plain.head[-1](codes), atol=1e-3, rtol=1e-3)
    assert text.head.out_features == plain.head[-1].out_features == 2


@pytest.mark.slow
def test_adapters_are_those_of_peft(lm) -> None:
    peft = pytest.importorskip("peft")
    ours = add_lora(tl.with_head(lm, CLASSES).eval(), "layer29", "layer30", rank=2, alpha=6)
    layers = deepcopy(nn.ModuleList(lm.stages[-2:]))
    how = {"target_modules": r".*_proj", "init_lora_weights": False}
    theirs = peft.get_peft_model(layers, peft.LoraConfig(r=2, lora_alpha=6, **how)).eval()
    wrapped = [m for m in theirs.modules() if hasattr(m, "lora_A")]
    assert len(wrapped) == 2 * 7
    for layer, other in zip(adapters(ours), wrapped, strict=True):
        layer.down.load_state_dict(other.lora_A["default"].state_dict())
        layer.up.load_state_dict(other.lora_B["default"].state_dict())
    numbers = lm.numbers(TEXTS)
    with torch.no_grad():
        below = lm.stages[:-2](numbers)
        expected = theirs.base_model.model[1](theirs.base_model.model[0](below))
        answers = ours.stages(numbers)
        torch.testing.assert_close(answers, expected, atol=2e-3, rtol=1e-3)
        assert not answers.allclose(lm.stages(numbers), atol=0.1)
        torch.testing.assert_close(merge_lora(ours).stages(numbers), answers, atol=2e-3, rtol=1e-3)


# --- bad input --------------------------------------------------------------------------------


def test_texts_that_cannot_be_read_are_named(lm) -> None:
    for ask in (lm.numbers, lm.log_probabilities, lm.codes):
        with pytest.raises(TypeError, match="give a list"):
            ask("one text")
        with pytest.raises(ValueError, match="text 1 is empty: give a list of texts"):
            ask(["a text", ""])
        with pytest.raises(ValueError, match="there are no texts"):
            ask([])
    with pytest.raises(ValueError, match="length=0: must be at least 1 word piece"):
        lm.numbers(TEXTS, 0)
    with pytest.raises(ValueError, match=r"' unputdownable' is \[.*not one word piece"):
        lm.with_words([" good", " unputdownable"], CLASSES)
    with pytest.raises(ValueError, match="3 words and 2 classes: give each its word"):
        lm.with_words([*WORDS, " neutral"], CLASSES)
    asked = lm.with_words(WORDS, CLASSES)
    for again in (asked.log_probabilities, lambda texts: asked.with_words(texts, CLASSES)):
        with pytest.raises(ValueError, match=r"scores \['negative', 'positive'\], not word pieces"):
            again([" good", " bad"])
    with pytest.raises(ValueError, match="'layer16'"):
        lm.codes(TEXTS, until="layer_16")
    with pytest.raises(TypeError, match=re.escape("language_model.numbers(texts, length)")):
        lm(torch.zeros(2, 8))


def test_names_and_weights_that_nobody_has_are_named() -> None:
    with pytest.raises(ValueError, match=r"no language model named 'smollm'.*'smollm2'"):
        load_language_model("smollm")
    with pytest.raises(ValueError, match=r"no weights named 'textgenrnn'.*instruct, random"):
        load_language_model("smollm2", weights="textgenrnn")


def test_too_little_memory_is_said_before_anything_is_read(monkeypatch, capsys) -> None:
    monkeypatch.setattr(smollm2, "free_memory", lambda device: 0.5e9)
    with pytest.raises(MemoryError, match=r"takes 0\.6 GB .* 0\.5 GB are free: shut down other"):
        load_language_model("smollm2")
    assert (
        capsys.readouterr().out
        == "SmolLM2 takes 0.6 GB of memory, 1.3 GB at its very first load.\n"
    )


def written(folder: Path, name: str) -> None:
    """Write a small GGUF of a model of this name, sealed as if it had been fetched."""
    from gguf import GGUFWriter

    writer = GGUFWriter(folder / "model.gguf", "llama")
    writer.add_name(name)
    writer.add_tensor("token_embd.weight", torch.zeros(32, 32).numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@needs_gguf
@pytest.mark.parametrize(
    ("name", "kept", "said"),
    [
        ("TinyLlama", None, "model.gguf holds 'TinyLlama', not SmolLM2-135M"),
        (NAME, 300, "damaged"),
        (NAME, 3, "damaged"),
    ],
)
def test_a_file_of_another_model_or_a_part_of_one_is_refused(
    home: Path, name: str, kept: int | None, said: str
) -> None:
    written(home, name)
    file = home / "model.gguf"
    file.write_bytes(file.read_bytes()[:kept])
    write_seal(home, ASSETS["smollm2"])
    with pytest.raises(ValueError, match=f"{said}.*: delete .*run `cs826tl fetch smollm2`"):
        load_language_model("smollm2")
    assert sorted(path.name for path in home.iterdir()) == [".sha256.json", "model.gguf"]


def test_a_fetched_file_that_was_cut_off_is_to_be_fetched_again(home: Path) -> None:
    shutil.copy(SOURCE, home)
    shutil.copy(SOURCE.parent / ".sha256.json", home)
    with (home / SOURCE.name).open("r+b") as file:
        file.truncate(10**6)
    with pytest.raises(AssetMissing, match="corrupted: run `cs826tl fetch smollm2`"):
        load_language_model("smollm2")


def test_damaged_unpacked_weights_are_to_be_deleted(home: Path) -> None:
    (home / FILE).write_bytes(b"not weights")
    with pytest.raises(ValueError, match=f"{FILE} is damaged .*: delete it"):
        load_language_model("smollm2")


@pytest.mark.parametrize("missing", ["gguf", "transformers"])
def test_a_missing_package_is_named(home: Path, monkeypatch, missing: str) -> None:
    (home / "model.gguf").write_bytes(b"GGUF")
    write_seal(home, ASSETS["smollm2"])
    own = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name == missing:
            raise ImportError(name)
        return own(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(
        ImportError, match=rf"needs {missing}: run `pip install 'cs826tl\[language\]"
    ):
        load_language_model("smollm2")
