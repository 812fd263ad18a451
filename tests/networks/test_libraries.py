"""Weights of timm and torchvision: from their own caches, or one line that says why not."""

from pathlib import Path

import huggingface_hub
import pytest
import timm
import torch
import torchvision.models as tv
from huggingface_hub import constants
from safetensors.torch import save_file

from cs826tl.assets.cache import AssetMissing
from cs826tl.networks import load_backbone


@pytest.fixture
def empty_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give both libraries empty caches and no network."""

    def unreachable(*_: object, **__: object) -> None:
        raise ConnectionError("Name or service not known")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setattr(torch.hub, "urlopen", unreachable)
    monkeypatch.setattr(huggingface_hub, "get_hf_file_metadata", unreachable)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "release"), [("timm/resnet18", "a1_in1k"), ("torchvision/resnet18", "IMAGENET1K_V1")]
)
def test_missing_weights_are_one_line_with_the_fix(empty_caches, name: str, release: str) -> None:
    with pytest.raises(AssetMissing) as caught:
        load_backbone(name)
    (line,) = str(caught.value).splitlines()
    for word in (release, name, "Name or service not known", "network", "'random'", "fallback"):
        assert word in line


def test_a_stand_in_for_missing_weights_says_that_it_is_one(empty_caches, monkeypatch) -> None:
    file = empty_caches / "hub" / "checkpoints" / "resnet18-f37072fd.pth"
    file.parent.mkdir(parents=True)
    torch.save(tv.resnet18().state_dict(), file)
    model = load_backbone("timm/resnet18", fallback="torchvision/resnet18")
    assert model.title == "torchvision/resnet18"
    assert "timm/resnet18 was asked for: the weights a1_in1k of timm/resnet18" in model.weights


def test_torchvisions_cache_is_used(empty_caches: Path) -> None:
    torch.manual_seed(8)
    network = tv.resnet18().eval()
    file = empty_caches / "hub" / "checkpoints" / "resnet18-f37072fd.pth"
    file.parent.mkdir(parents=True)
    torch.save(network.state_dict(), file)
    model = load_backbone("torchvision/resnet18", size=64).eval()
    assert model.weights == "torchvision's weights IMAGENET1K_V1"
    images = torch.randint(0, 256, (2, 3, 90, 70), dtype=torch.uint8)
    scale = tv.ResNet18_Weights.DEFAULT.transforms(crop_size=64, resize_size=73)
    torch.testing.assert_close(model(images), network(scale(images)), rtol=1e-4, atol=1e-5)


def test_timms_cache_is_used(empty_caches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    torch.manual_seed(8)
    network = timm.create_model("resnet18").eval()
    folder = empty_caches / "hf" / "models--timm--resnet18.a1_in1k"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("0" * 40)
    (folder / "snapshots" / ("0" * 40)).mkdir(parents=True)
    save_file(network.state_dict(), folder / "snapshots" / ("0" * 40) / "model.safetensors")
    model = load_backbone("timm/resnet18", size=64).eval()
    assert model.weights == "timm's weights a1_in1k"
    images = torch.randint(0, 256, (2, 3, 90, 70), dtype=torch.uint8)
    wanted = network(model.preprocess(images))
    torch.testing.assert_close(model(images), wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("timm/resnet81", r"no network of timm named 'resnet81'.*'resnet18'.*and \d{4} in all"),
        ("torchvision/resnet19", r"no network of torchvision named 'resnet19'.*'resnet18'.*in all"),
        ("timm/resnet18.a1", "no weights of timm/resnet18 named 'a1'.*a1_in1k"),
        ("timm/vit_small_patch14_dinov2", r"no class scores.*staged\(network"),
        ("timm/coatnet_0_224", "nobody has published weights.*weights='random'"),
        ("resnet18", "no backbone named 'resnet18'.*timm/<name>, torchvision/<name>"),
    ],
)
def test_names_that_cannot_be_had_are_refused_with_near_ones(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_backbone(name)


@pytest.mark.parametrize("name", ["torchvision/googlenet", "torchvision/inception_v3"])
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_auxiliary_classifiers_are_left_out(name: str) -> None:
    model = load_backbone(name, weights="random", size=128)
    assert len(model.parts) > 10
    assert "aux" not in " ".join(n for n, _ in model.named_parameters()).lower()
