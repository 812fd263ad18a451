"""The character LSTM: its port against Keras' formulas, its tasks, and the verbs that act on it."""

import h5py
import numpy as np
import pytest
import torch
import torch.nn.functional as F

import cs826tl as tl
from cs826tl.assets.cache import asset_path, is_available
from cs826tl.data.reviews import Reviews, Texts
from cs826tl.lectures.text_transfer.effects import read_texts
from cs826tl.methods.text.char_lstm import to_torch
from cs826tl.methods.text.stages import Attention, Pooling
from cs826tl.networks.staging import StagedModel

pytestmark = pytest.mark.skipif(
    not (is_available("char_lstm") and is_available("sentiment")),
    reason="char_lstm or sentiment is not fetched",
)


@pytest.fixture(scope="module")
def lm() -> StagedModel:
    return tl.methods.text.load_language_model()


@pytest.fixture(scope="module")
def amazon() -> Reviews:
    return tl.data.load_reviews("amazon")


@pytest.fixture(scope="module")
def task(amazon: Reviews) -> tl.Task:
    return tl.few_shot(tl.methods.text.text_task(amazon, length=60), shots=20)


# --- the port ---------------------------------------------------------------------------------


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def keras_lstm(x: np.ndarray, kernel: np.ndarray, own: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Keras' LSTM by its formulas, with its kernels as Keras itself converts CuDNN's.

    The gates i, f, c, o; input kernels by `k.T.reshape(k.shape, order="F")`, recurrent ones
    transposed, the two biases added.
    """
    gates = [k.T.reshape(k.shape, order="F") for k in np.split(kernel.astype(float), 4, axis=1)]
    recurrent = [k.T for k in np.split(own.astype(float), 4, axis=1)]
    biases = np.split(sum(np.split(bias.astype(float), 2)), 4)
    h = c = np.zeros((len(x), own.shape[0]))
    out = []
    for step in x.transpose(1, 0, 2):
        i, f, g, o = (
            step @ w + h @ u + b for w, u, b in zip(gates, recurrent, biases, strict=True)
        )
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        out.append(h)
    return np.stack(out, 1)


def test_the_port_is_keras_network_by_its_formulas(lm: StagedModel) -> None:
    numbers = tl.methods.text.load_tokenizer()(["I love this camera, but the battery", "no!"], 40)
    with h5py.File(asset_path("char_lstm") / "textgenrnn_weights.hdf5") as file:
        read = {name: file[name][()] for name in WEIGHTS}
    e, k1, r1, b1, k2, r2, b2, w, k, b = read.values()
    x = e[numbers.numpy()].astype(float)
    first = keras_lstm(x, k1, r1, b1)
    second = keras_lstm(first, k2, r2, b2)
    features = np.concatenate([x, first, second], 2)
    weights = np.exp(features @ w[:, 0] - (features @ w[:, 0]).max(1, keepdims=True))
    mean = (features * (weights / weights.sum(1, keepdims=True))[:, :, None]).sum(1)
    with torch.inference_mode():
        ours = lm(numbers).numpy()
    assert ours == pytest.approx(mean @ k + b, abs=2e-3)


WEIGHTS = [
    "embedding/embedding/embeddings:0",
    *(
        f"rnn_{n}/rnn_{n}/{part}:0"
        for n in (1, 2)
        for part in ("kernel", "recurrent_kernel", "bias")
    ),
    "attention/attention/attention_W:0",
    "output/output/kernel:0",
    "output/output/bias:0",
]


def test_square_and_other_kernels_are_torn_apart_alike() -> None:
    rng = np.random.default_rng(0)
    for features in (3, 5):
        kernel, own = rng.normal(size=(features, 20)), rng.normal(size=(5, 20))
        bias, x = rng.normal(size=40), rng.normal(size=(2, 7, features))
        lstm = torch.nn.LSTM(features, 5, batch_first=True).double()
        ported = to_torch(kernel, own, bias)
        for parameter, array in zip(lstm.parameters(), ported, strict=True):
            parameter.data = torch.from_numpy(array)
        ours = lstm(torch.from_numpy(x))[0].detach().numpy()
        assert ours == pytest.approx(keras_lstm(x, kernel, own, bias), abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("domain", ["films", "amazon", "editorials", "tweets"])
def test_it_needs_between_two_and_three_bits_a_character(lm: StagedModel, domain: str) -> None:
    task = tl.methods.text.language_task(tl.data.load_reviews(domain), windows=1)
    assert 2.1 < tl.methods.text.bits_per_character(lm, task) < 3.0
    untrained = tl.methods.text.load_language_model(weights="random")
    assert tl.methods.text.bits_per_character(untrained, task) == pytest.approx(
        np.log2(465), abs=0.1
    )


def test_attention_is_a_weighted_mean_and_pooling_three_numbers() -> None:
    below = torch.randn(2, 3, 7, generator=torch.Generator().manual_seed(0))
    attention = Attention(3)
    assert torch.allclose(attention(below), below.mean(2))  # untrained, all count alike
    attention.weight.data = torch.tensor([1e4, 0, 0])
    top = below[:, 0].argmax(1)
    assert torch.allclose(attention(below), below[torch.arange(2), :, top], atol=1e-3)
    expected = [below[:, :, -1], below.mean(2), below.max(2).values]
    assert torch.equal(Pooling()(below), torch.cat(expected, 1))


# --- numbers and tasks ------------------------------------------------------------------------


def test_numbers_can_be_read_back() -> None:
    tokenizer = tl.methods.text.load_tokenizer()
    (row,) = tokenizer(["Don't — buy\x07 it!"], 30)
    said = "".join(tokenizer.characters[k] for k in row if k)
    assert said == "<s>Don't — buy it!"  # the bell is not in the vocabulary
    assert tokenizer(["abcdef"], 3).tolist() == tokenizer(["xdef"], 3).tolist()  # the end is kept
    assert len(set(tokenizer.characters)) == 465


def test_a_window_stands_in_a_text_and_its_label_comes_next() -> None:
    texts = ("The phone broke.", "x" * 60 + "y", "Good")
    reviews = Reviews("toy", *[Texts(texts, np.array([0, 1, 1]))] * 3, origin="made up")
    task = tl.methods.text.language_task(reviews, windows=200)
    characters = task.classes
    whole = [f"<s>{text}<s>" for text in texts]
    for row, label in zip(task.train.inputs, task.train.labels, strict=True):
        window = "".join(characters[k] for k in row if k) + characters[label]
        assert any(window in text for text in whole)
        assert window.startswith("<s>") or (row != 0).all()  # padded only before the start
    assert {characters[k] for k in task.train.labels} > {"T", "y", "<s>"}


def test_the_seed_draws_training_windows_only_and_no_opinion_counts(amazon: Reviews) -> None:
    first, second = (
        tl.methods.text.language_task(amazon, windows=50, seed=seed) for seed in (0, 1)
    )
    assert torch.equal(first.test.inputs, second.test.inputs)
    assert not torch.equal(first.train.inputs, second.train.inputs)
    swapped = Texts(amazon.train.texts, 1 - amazon.train.labels)
    blind = tl.methods.text.language_task(
        Reviews("amazon", swapped, amazon.validation, amazon.test, ""), windows=50
    )
    assert torch.equal(first.train.labels, blind.train.labels)


def test_bits_are_the_cross_entropy_in_bits(lm: StagedModel, amazon: Reviews) -> None:
    task = tl.methods.text.language_task(amazon, windows=300)
    with torch.inference_mode():
        scores = lm.eval()(task.train.inputs)
    nats = F.cross_entropy(scores, task.train.labels)
    bits = tl.methods.text.bits_per_character(lm, task, "train")
    assert bits == pytest.approx(float(nats) / np.log(2), rel=1e-4)


# --- the same verbs as for images -------------------------------------------------------------


def test_the_text_head_keeps_the_stages_and_is_a_copy(lm: StagedModel, task: tl.Task) -> None:
    model = tl.methods.text.with_text_head(lm, task.classes)
    assert list(model.parts) == ["embedding", "lstm1", "lstm2", "head"]
    ours = dict(model.stages.named_parameters())
    theirs = [p for n, p in lm.stages.named_parameters() if not n.startswith("attention")]
    assert all(torch.equal(a, b) for a, b in zip(ours.values(), theirs, strict=True))
    ours["embedding.weight"].data.zero_()
    assert lm.parts["embedding"].weight.abs().sum() > 0


def test_frozen_stages_stay_and_their_codes_are_the_stages_own(
    lm: StagedModel, task: tl.Task
) -> None:
    model = tl.freeze(tl.methods.text.with_text_head(lm, task.classes), through="lstm1")
    before = tl.snapshot(model)
    tl.fit(model, task, epochs=1, lr=1e-2)
    verdicts = tl.audit(model, before)["verdict"]
    assert verdicts.tolist() == ["frozen, did not move"] * 2 + ["trainable, moved"] * 2
    with torch.inference_mode():
        codes = model.stages(task.validation.inputs)
    assert torch.allclose(tl.encode(model, task.validation.inputs), codes, atol=1e-5)


def test_codes_or_not_training_comes_out_the_same(lm: StagedModel, task: tl.Task) -> None:
    """Train the head over codes by `fit`, and over the whole network by a plain loop."""
    model = tl.freeze(tl.methods.text.with_text_head(lm, task.classes))
    plain = tl.freeze(tl.methods.text.with_text_head(lm, task.classes))
    tl.fit(model, task, epochs=1, lr=1e-3, batch_size=8, seed=3)
    optimizer = torch.optim.AdamW(plain.head.parameters(), 1e-3)
    order = torch.randperm(len(task.train), generator=torch.Generator().manual_seed(3))
    for rows in order.split(8):
        optimizer.zero_grad()
        F.cross_entropy(plain(task.train.inputs[rows]), task.train.labels[rows]).backward()
        optimizer.step()
    assert torch.allclose(model.head.weight, plain.head.weight, atol=1e-4)


def test_a_plan_wakes_text_stages_one_by_one(lm: StagedModel, task: tl.Task) -> None:
    plan = tl.ulmfit_plan(tl.methods.text.with_text_head(lm, task.classes), task, epochs=4, lr=0.01)
    assert plan.wakes == {"head": 1, "lstm2": 2, "lstm1": 3, "embedding": 4}


@pytest.mark.slow
def test_tuning_lowers_the_bits_and_scratch_is_far_behind(lm: StagedModel, amazon: Reviews) -> None:
    task = tl.methods.text.language_task(amazon, windows=4000)
    before = tl.methods.text.bits_per_character(lm, task, "validation")
    after = {}
    for name in ("textgenrnn", "random"):
        model = tl.methods.text.load_language_model(weights=name)
        tl.fit(model, task, epochs=1, lr=1e-3)
        after[name] = tl.methods.text.bits_per_character(model, task, "validation")
    assert after["textgenrnn"] < before - 0.05
    assert after["random"] > before + 1


# --- bad input --------------------------------------------------------------------------------


def test_bad_input_is_named(lm: StagedModel) -> None:
    with pytest.raises(TypeError, match=r"int64 numbers.*torch.float32.*load_tokenizer"):
        lm(torch.zeros(1, 40))
    with pytest.raises(ValueError, match=r"from 0 to 500: the vocabulary goes from 0"):
        lm(torch.tensor([[0, 500]]))
    with pytest.raises(ValueError, match="no weights named 'imagenet'"):
        tl.methods.text.load_language_model(weights="imagenet")
    with pytest.raises(ValueError, match="Small VGG reads no texts"):
        tl.methods.text.with_text_head(
            tl.load_backbone("small_vgg", weights="random"), ["no", "yes"]
        )
    with pytest.raises(TypeError, match="is one text: give a list"):
        tl.methods.text.load_tokenizer()("one text", 5)
    with pytest.raises(ValueError, match="length=0"):
        tl.methods.text.load_tokenizer()(["one text"], 0)


def test_reading_texts_leaves_every_part_in_its_mode(lm) -> None:
    model = tl.methods.text.with_text_head(lm, ["negative", "positive"]).train()
    next(model.stages.children()).eval()
    modes = [part.training for part in model.modules()]
    first = read_texts(model, ["I like it."])
    assert [part.training for part in model.modules()] == modes
    np.testing.assert_array_equal(read_texts(model, ["I like it."]), first)  # no dropout
