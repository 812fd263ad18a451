"""Linear probes: codes are the plain forward pass's at every depth, scores are scikit-learn's."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from torch import Tensor, nn

from cs826tl.data.loading import few_shot, load_task
from cs826tl.data.tasks import Split, Task
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training.batches import FIRST
from cs826tl.training.codes import clear_codes
from cs826tl.training.probes import encode_task, linear_probe, probe_depths

DEPTHS = ["pixels", "block1", "block2", "block3", "fc"]


@pytest.fixture(autouse=True)
def _own_codes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    clear_codes()
    yield
    clear_codes()


@pytest.fixture
def backbone() -> StagedModel:
    """Return a network in training mode, whose batch normalisation has seen something."""
    model = load_backbone("small_vgg", weights="random").train()
    with torch.no_grad():
        model(load_task("digits").train.inputs[:64])
    return model


@pytest.fixture
def task() -> Task:
    return load_task("digits", shots=5)


def cloud(number: int, seed: int, noise: float = 1.0) -> Split:
    """Return codes of three classes, each around its own place; the features differ in scale."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(3).repeat(number)
    places = torch.tensor([[0.0, 0, 0, 0], [2, 0, 1, 0], [0, 2, 1, 0]])
    spread = noise * torch.randn(len(labels), 4, generator=generator)
    return Split((places[labels] + spread) * torch.tensor([1.0, 1000, 1, 0.01]), labels)


def clouds(noise: float = 1.0) -> Task:
    splits = (cloud(30, 0, noise), cloud(25, 1, noise), cloud(40, 2, noise))
    return Task("clouds", ("a", "b", "c"), *splits, "a test")


@torch.no_grad()
def by_hand(model: StagedModel, inputs: Tensor) -> list[Tensor]:
    """Run stage by stage in evaluation mode, all in one batch; average maps over the picture."""
    model.eval()
    x = model.preprocess(inputs)
    codes = [nn.AdaptiveAvgPool2d(16)(x).flatten(1)]
    for stage in model.stages:
        x = stage(x)
        codes.append(x.mean((2, 3)) if x.dim() == 4 else x)
    return codes


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_codes_of_every_depth_are_those_of_the_plain_forward_pass(backbone, task, split) -> None:
    depths = encode_task(backbone, task)
    assert list(depths) == DEPTHS
    for codes, expected in zip(
        depths.values(), by_hand(backbone, task.split(split).inputs), strict=True
    ):
        torch.testing.assert_close(codes.split(split).inputs, expected, atol=1e-5, rtol=1e-4)
        assert torch.equal(codes.split(split).labels, task.split(split).labels)
        assert (codes.name, codes.classes, codes.origin) == (task.name, task.classes, task.origin)


def test_one_pass_serves_all_depths_and_changes_nothing(backbone, task, monkeypatch) -> None:
    images = 0
    monkeypatch.setattr(
        "cs826tl.training.batches.quicker", lambda prefix, *_: prefix
    )  # compares two images

    def count(module: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        nonlocal images
        images += 0 if output.is_meta else len(output)  # shapes are found on the meta device

    backbone.stages.block1.register_forward_hook(count)
    before = {name: tensor.clone() for name, tensor in backbone.state_dict().items()}
    for recalled in range(2):
        encode_task(backbone, task)
        all_images = len(task.train) + len(task.validation) + len(task.test)
        assert images == all_images + recalled * 3 * FIRST  # the codes of each split are compared
    assert all(torch.equal(t, before[name]) for name, t in backbone.state_dict().items())
    assert all(module.training for module in backbone.stages.modules())


def test_other_weights_give_other_codes(backbone, task) -> None:
    before = encode_task(backbone, task)["fc"].train.inputs
    with torch.no_grad():
        next(backbone.stages.fc.parameters()).add_(1)
    assert not torch.allclose(encode_task(backbone, task)["fc"].train.inputs, before)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["efficientnet_lite0", "vgg16", "squeezenet1_1", "resnet50"])
def test_every_network_is_cut_into_codes_of_its_own_widths(name: str) -> None:
    backbone = load_backbone(name, weights="random", size=64)
    few = Split(torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8), torch.tensor([0, 1]))
    depths = encode_task(backbone, Task("two", ("a", "b"), few, few, few, "a test"))
    expected = by_hand(backbone, few.inputs)
    assert list(depths) == ["pixels", *dict(backbone.stages.named_children())]
    for codes, wanted in zip(depths.values(), expected, strict=True):
        torch.testing.assert_close(codes.test.inputs, wanted, atol=1e-3, rtol=1e-3)


def test_an_empty_split_is_refused(backbone, task) -> None:
    with pytest.raises(ValueError, match="no inputs to encode"):
        encode_task(backbone, replace(task, train=task.train[torch.tensor([], dtype=torch.long)]))


@pytest.mark.parametrize(
    ("classifier", "oracle"),
    [
        ("linear SVM", LinearSVC(C=0.01, random_state=0)),
        ("softmax", LogisticRegression(C=0.1, max_iter=1000)),
    ],
)
def test_a_probe_is_scikit_learns_classifier_on_codes_of_one_scale(classifier, oracle) -> None:
    task = clouds()
    scaler = StandardScaler().fit(task.train.inputs)
    oracle.fit(scaler.transform(task.train.inputs), task.train.labels)
    expected = oracle.predict(scaler.transform(task.test.inputs))
    predicted = linear_probe(task, classifier).predict(task.test.inputs)
    assert np.array_equal(predicted, expected)
    assert len(set(predicted)) == 3


def test_a_table_holds_the_score_of_every_depth_for_every_draw() -> None:
    depths = {"clear": clouds(0.5), "noisy": clouds(2.0)}
    for split in ("validation", "test"):
        table = probe_depths(depths, shots=4, seeds=(3, 8), classifier="softmax", split=split)
        assert (list(table.index), list(table.columns)) == (["clear", "noisy"], [3, 8])
        assert (table.index.name, table.columns.name) == ("depth", "seed")
        for depth, task in depths.items():
            for seed in (3, 8):
                drawn = few_shot(task, 4, seed)
                held_out = drawn.split(split)
                predicted = linear_probe(drawn, "softmax").predict(held_out.inputs)
                expected = (torch.tensor(predicted) == held_out.labels).float().mean()
                assert table.loc[depth, seed] == pytest.approx(expected.item())
    assert (table.loc["clear"] > table.loc["noisy"]).all()


def test_a_network_that_has_learnt_is_read_better_than_one_that_has_not() -> None:
    trained, untrained = {"codes": clouds(0.2)}, {"codes": clouds(50.0)}
    read, guessed = (probe_depths(d, shots=10).to_numpy() for d in (trained, untrained))
    assert read.shape == (1, 5)
    assert read.min() > 0.9 > 0.6 > guessed.max()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"classifier": "svm"}, "no classifier named 'svm'. .*linear SVM, softmax"),
        ({"split": "tset"}, "no split named 'tset'. Did you mean 'test'"),
        ({"shots": 1000}, "from 1 to 30 training examples"),
    ],
)
def test_what_is_impossible_is_named(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        probe_depths({"codes": clouds()}, **{"shots": 5, "seeds": [0], **wrong})
