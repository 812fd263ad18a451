"""The best guesses and the published figures: plain PyTorch and torchvision are the oracles."""

import pytest
import torch
from torchvision.models import get_model_weights, inception_v3

from cs826tl.methods.imagenet import probability_below, published_networks, top_k
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.networks.wordnet import classes_under, search


@pytest.fixture(scope="module")
def model() -> StagedModel:
    return load_backbone("small_vgg", weights="random")


def images(number: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (number, 3, 28, 28), dtype=torch.uint8, generator=generator)


def test_the_best_guesses_are_those_of_plain_pytorch(model: StagedModel) -> None:
    with torch.no_grad():
        wanted = model.eval()(images(40)).softmax(1).sort(1, descending=True)
    probabilities, labels = top_k(model.train(), images(40), k=3)
    assert probabilities == pytest.approx(wanted.values[:, :3], abs=1e-5)
    assert torch.equal(labels, wanted.indices[:, :3])
    assert model.stages.block1[1].training  # as it was given


def test_all_probabilities_sum_to_one(model: StagedModel) -> None:
    probabilities, labels = top_k(model, images(4), k=10)
    assert probabilities.sum(1) == pytest.approx(torch.ones(4))
    assert labels.sort(1).values.tolist() == [list(range(10))] * 4


@pytest.mark.parametrize("k", [0, 11])
def test_an_impossible_k_is_refused(model: StagedModel, k: int) -> None:
    with pytest.raises(ValueError, match=f"k={k}: the model has 10 classes"):
        top_k(model, images(1), k=k)


def test_pixels_that_are_already_scaled_are_refused(model: StagedModel) -> None:
    with pytest.raises(TypeError, match="uint8"):
        top_k(model, images(1) / 255)


def test_a_noun_gets_what_its_classes_get() -> None:
    noun = search("musical instrument")[0]
    scores = torch.randn(3, 1000, generator=torch.Generator().manual_seed(0)).softmax(1)
    ranked = scores.sort(1, descending=True)
    wanted = scores[:, list(classes_under(noun))].sum(1)
    everything = probability_below([noun, "entity"], *ranked)
    assert everything[:, 0] == pytest.approx(wanted)
    assert everything[:, 1] == pytest.approx(torch.ones(3))


def test_a_word_that_imagenet_lacks_is_refused_with_similar_ones() -> None:
    with pytest.raises(ValueError, match="did you mean 'tiger'"):
        probability_below(["cat", "tigger"], torch.ones(1, 1), torch.zeros(1, 1))
    with pytest.raises(ValueError, match="no kind 'deer', and the closest is 'Scottish deerhound'"):
        probability_below(["cat", "deer"], torch.ones(1, 1), torch.zeros(1, 1))


@pytest.fixture(scope="module")
def table():
    return published_networks()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("AlexNet", "alexnet"),
        ("VGG16", "vgg16"),
        ("ResNet50", "resnet50"),
        ("EfficientNet-B0", "efficientnet_b0"),
    ],
)
def test_our_counts_are_those_that_torchvision_publishes(table, title: str, name: str) -> None:
    meta = get_model_weights(name)["IMAGENET1K_V1"].meta
    assert table.loc[title, "top-1"] == meta["_metrics"]["ImageNet-1K"]["acc@1"]
    assert table.loc[title, "parameters"] == meta["num_params"]
    assert table.loc[title, "multiply-adds"] / 1e9 == pytest.approx(
        meta["_ops"], abs=5e-4, rel=1e-3
    )


def test_inception_is_counted_without_its_auxiliary_classifier(table) -> None:
    with torch.device("meta"):
        whole = inception_v3(init_weights=False)
    without = [p for name, p in whole.named_parameters() if not name.startswith("AuxLogits")]
    assert table.loc["Inception v3", "parameters"] == sum(p.numel() for p in without)


def test_lite0_is_as_its_makers_say(table) -> None:
    row = table.loc["EfficientNet-Lite0"]
    assert row["top-1"] == 75.1
    assert round(row["parameters"] / 1e6, 1) == 4.7
    assert row["multiply-adds"] == pytest.approx(407e6, rel=0.06)  # theirs count a little more
