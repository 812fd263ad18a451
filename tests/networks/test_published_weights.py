"""The published networks answer as their own files do: ONNX, Keras's layers, printed values."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
import timm
import torch
import torch.nn.functional as F
import torchvision.models as tv
from PIL import Image
from torch import Tensor, nn

from cs826tl import (
    audit,
    encode,
    evaluate,
    fit,
    freeze,
    load_backbone,
    load_task,
    snapshot,
    with_head,
)
from cs826tl.assets.cache import AssetMissing, asset_path
from cs826tl.methods.imagenet import probability_below, top_k
from cs826tl.methods.transferability import score_network
from cs826tl.networks import trained
from cs826tl.networks.onnx_tensors import read_onnx
from cs826tl.networks.preprocessing import Preprocess
from cs826tl.networks.staging import StagedModel
from cs826tl.networks.structure import anatomy

# CIFAR-10's ten kinds, as nouns that ImageNet has: it knows no deer
KINDS = (
    "aircraft", "car", "bird", "cat", "antelope", "dog", "amphibian", "horse", "vessel", "truck"
)  # fmt: skip
OXFORD = (103.939, 116.779, 123.68)


def loaded(name: str, **options: object) -> StagedModel:
    """Load a network, or skip where its weights are not fetched."""
    try:
        return load_backbone(name, **options).eval()
    except AssetMissing as missing:
        pytest.skip(str(missing))


def photographs() -> tuple[list[Tensor], Tensor]:
    files = sorted(asset_path("imagenet_photos").glob("*.jpg"))
    labels = torch.tensor([int(file.stem.split("_")[-1]) for file in files])
    arrays = [np.array(Image.open(file).convert("RGB")) for file in files]
    return [torch.from_numpy(a).permute(2, 0, 1).unsqueeze(0) for a in arrays], labels


def noise(size: int) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (2, 3, size, size), generator=generator, dtype=torch.uint8)


def close(given: Tensor, wanted: Tensor) -> bool:
    """Say whether both are there and differ by rounding only."""
    return bool(wanted.std() > 0) and bool((given - wanted).norm() < 1e-4 * wanted.norm())


# --- VGG16: its authors', the tumour classifier's, HED's ---------------------------------------


def test_every_weight_of_the_onnx_file_is_as_the_onnx_package_reads_it() -> None:
    onnx = pytest.importorskip("onnx", reason="compares with the onnx package: pip install onnx")
    loaded("vgg16")
    path = asset_path("vgg16_conv")
    wanted = {
        tensor.name: onnx.numpy_helper.to_array(tensor)
        for tensor in onnx.load(path).graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT
    }
    given = read_onnx(path)
    assert list(given) == list(wanted)
    assert all(np.array_equal(given[name].numpy(), wanted[name]) for name in wanted)


def test_the_tumour_classifier_answers_as_its_file_does_when_it_is_run() -> None:
    runtime = pytest.importorskip(
        "onnxruntime", reason="runs the file itself: pip install onnxruntime"
    )
    model = loaded("tumour_vgg16")
    images = noise(240)
    session = runtime.InferenceSession(asset_path("vgg16_conv"))
    channels_last = (images / 255).permute(0, 2, 3, 1).numpy()
    (wanted,) = session.run(None, {"input": channels_last})
    with torch.no_grad():
        given = model(images).softmax(1)
    assert close(given, torch.from_numpy(wanted))
    assert model.classes == ("glioma", "meningioma", "notumor", "pituitary")


@pytest.mark.parametrize(
    ("name", "asset", "mean"),
    [("vgg16", "vgg16_conv", OXFORD), ("hed_vgg16", "hed_vgg16", (104.006, 116.669, 122.679))],
)
def test_the_convolutions_are_those_of_the_file_fed_as_published(
    name: str, asset: str, mean: tuple[float, ...]
) -> None:
    model = loaded(name)
    images = noise(64)
    x = images.float()[:, [2, 1, 0]] - torch.tensor(mean).view(1, 3, 1, 1)
    if name == "vgg16":
        tensors = [t for k, t in read_onnx(asset_path(asset)).items() if "block" in k]
        pairs = list(zip(tensors[::2], tensors[1::2], strict=True))[::-1]
    else:
        with h5py.File(asset_path(asset)) as file:
            layers = [file[f"block{k}/layers"][one]["vars"] for k in range(1, 6)
                      for one in sorted(file[f"block{k}/layers"]) if "conv" in one]  # fmt: skip
            arrays = [(v["0"][()].transpose(3, 2, 0, 1), v["1"][()]) for v in layers]
        pairs = [(torch.from_numpy(k.copy()), torch.from_numpy(b)) for k, b in arrays]
    for k, (kernel, bias) in enumerate(pairs, start=1):
        x = F.conv2d(x, kernel, bias, padding=1).relu()
        if k in (2, 4, 7, 10, 13):
            x = F.max_pool2d(x, 2)
    given = encode(with_size(model, 64), images, device="cpu")
    assert given.shape == (2, 512, 2, 2)
    assert close(given, x)


def with_size(model: StagedModel, size: int) -> StagedModel:
    model.preprocess.size = size
    return model


def test_vgg16_is_its_authors_and_says_what_it_lacks() -> None:
    model = loaded("vgg16")
    bias = model.stages.block1.conv1.bias
    # As others have printed them from Keras's copy of the authors' file.
    printed = (0.73429835, 0.093403675, 0.06775674, 0.8862966, 0.25994542, 0.66426694)
    assert bias[:6].tolist() == pytest.approx(printed, abs=1e-7)
    assert repr(model) == (
        "VGG16's convolutions, its authors' ImageNet weights; fully-connected layers not fetched: "
        "block1, block2, block3, block4, block5; 14.71 M parameters, no head"
    )
    assert sum(p.numel() for p in model.parameters()) == 14_714_688


def test_heds_authors_have_moved_every_layer_of_vgg16() -> None:
    ours, theirs = loaded("vgg16"), loaded("hed_vgg16")
    table = audit(theirs, snapshot(ours)).drop("head")
    assert set(table["verdict"]) == {"trainable, moved"}
    assert table.loc["block1", "parameters moved"] == "4 of 4"
    by_layer = audit(theirs.stages.block1, snapshot(ours.stages.block1))
    before, after = (model.stages.block1.conv1 for model in (ours, theirs))
    assert (before.bias[0].item(), after.bias[0].item()) == pytest.approx((0.734, 0.700), abs=5e-4)
    largest = max(
        (after.bias - before.bias).abs().max(), (after.weight - before.weight).abs().max()
    )
    assert by_layer.loc["conv1", "largest change"] == pytest.approx(largest.item())


def test_the_tumour_classifiers_authors_left_vgg16_frozen() -> None:
    ours, theirs = loaded("vgg16"), loaded("tumour_vgg16")
    for block in ("block1", "block5"):
        table = audit(
            theirs.stages.get_submodule(block), snapshot(ours.stages.get_submodule(block))
        )
        assert table["largest change"].max() == 0


# --- a network without a head -----------------------------------------------------------------


def test_whoever_needs_a_head_is_told_how_to_get_one() -> None:
    model, task = load_backbone("vgg16", weights="random", size=32), load_task("textures", shots=2)
    few = task.test.inputs[:4]
    for use in (
        lambda: model(few),
        lambda: top_k(model, few),
        lambda: evaluate(model, task),
        lambda: evaluate(model, (few, [0, 1, 0, 1])),
        lambda: fit(model, task, epochs=1, progress=False),
        lambda: score_network("LEEP", model, few, [0, 1, 0, 1]),
    ):
        with pytest.raises(ValueError, match=r"has no head.*with_head\(backbone, task.classes\)"):
            use()
    with pytest.raises(ValueError, match=r"cs826tl fetch vgg16`.*'vgg16_torchvision'"):
        model(few)
    assert model.classes == ()
    assert list(anatomy(model, 32).index) == ["block1", "block2", "block3", "block4", "block5"]


def test_freezing_a_network_without_a_head_freezes_all_of_it() -> None:
    model = freeze(load_backbone("vgg16", weights="random", size=32))
    assert [p for p in model.parameters() if p.requires_grad] == []


@pytest.mark.parametrize("name", ["vgg16", "squeezenet1_1"])
def test_a_head_goes_on_top_of_averaged_maps(name: str) -> None:
    model = with_head(load_backbone(name, weights="random", size=48), ["cat", "dog"]).eval()
    images = noise(48)
    with torch.no_grad():
        maps = model.stages(model.preprocess(images))
        assert maps.dim() == 4
        torch.testing.assert_close(model(images), model.head[-1](maps.mean((2, 3))))


# --- the shelf ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "top_1", "top_5"),
    [
        ("squeezenet1_1", 13, 20),
        ("efficientnet_lite0", 17, 20),
        ("efficientnet_lite1", 19, 20),
        ("efficientnet_lite2", 18, 20),
    ],
)
def test_it_knows_the_labelled_photographs(name: str, top_1: int, top_5: int) -> None:
    model = loaded(name)
    images, labels = photographs()
    with torch.no_grad():
        best = torch.cat([model(image).topk(5).indices for image in images])
    assert (best[:, 0] == labels).sum() == top_1
    assert (best == labels.unsqueeze(1)).any(1).sum() == top_5


def test_squeezenet_fed_red_for_blue_knows_fewer() -> None:
    model = loaded("squeezenet1_1")
    rgb = (122.679, 116.669, 104.006), (1, 1, 1)
    model.preprocess = Preprocess(*rgb, 227, interpolation="bicubic")
    images, labels = photographs()
    with torch.no_grad():
        best = torch.cat([model(image).topk(5).indices for image in images])
    assert (best[:, 0] == labels).sum() == 10
    assert (best == labels.unsqueeze(1)).any(1).sum() == 14


def test_squeezenet_answers_as_torchvisions_network_with_the_files_kernels() -> None:
    model, network = loaded("squeezenet1_1"), tv.squeezenet1_1().eval()
    own = dict(network.named_modules())
    places = {2: 3, 3: 4, 4: 6, 5: 7, 6: 9, 7: 10, 8: 11, 9: 12}
    paths = {"conv1": "features.0", "conv10": "classifier.1"} | {
        f"fire{k}/{layer}": f"features.{place}.{layer}"
        for k, place in places.items()
        for layer in ("squeeze1x1", "expand1x1", "expand3x3")
    }
    paths = {name: path.replace("squeeze1x1", "squeeze") for name, path in paths.items()}
    with h5py.File(asset_path("squeezenet1_1")) as file, torch.no_grad():
        for name, path in paths.items():
            kernel = file[f"{name}/{name}_W:0"][()].transpose(3, 2, 0, 1)
            own[path].weight.copy_(torch.from_numpy(kernel.copy()))
            own[path].bias.copy_(torch.from_numpy(file[f"{name}/{name}_b:0"][()]))
        images = noise(227)
        x = images.float()[:, [2, 1, 0]] - torch.tensor([104.006, 116.669, 122.679]).view(3, 1, 1)
        assert close(model(images), network(x))


@torch.no_grad()
def test_mobilenet_answers_as_torchvisions_network_padded_as_keras_pads() -> None:
    model = loaded("mobilenet_v2")
    network = tv.mobilenet_v2().features.eval()
    arrays: dict[str, np.ndarray] = {}

    def note(name: str, value: object) -> None:
        if isinstance(value, h5py.Dataset):
            arrays[name] = value[()]

    with h5py.File(asset_path("mobilenet_v2")) as whole:
        whole["model_weights"].visititems(note)
    kept = {name.split("/", 1)[1]: value for name, value in arrays.items()}
    layers = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.BatchNorm2d))]
    names = ["Conv1", "bn_Conv1", "expanded_conv_depthwise", "expanded_conv_depthwise_BN",
             "expanded_conv_project", "expanded_conv_project_BN"]  # fmt: skip
    for k in range(1, 17):
        for step in ("expand", "depthwise", "project"):
            names += [f"block_{k}_{step}", f"block_{k}_{step}_BN"]
    names += ["Conv_1", "Conv_1_bn"]
    norm = {
        "weight": "gamma",
        "bias": "beta",
        "running_mean": "moving_mean",
        "running_var": "moving_variance",
    }
    for name, layer in zip(names, layers, strict=True):
        if isinstance(layer, nn.Conv2d):
            deep = layer.groups > 1
            kernel = kept[f"{name}/{'depthwise_' if deep else ''}kernel:0"]
            layer.weight.copy_(
                torch.from_numpy(kernel.transpose((2, 3, 0, 1) if deep else (3, 2, 0, 1)).copy())
            )
        else:
            layer.eps = 1e-3
            for attribute, key in norm.items():
                getattr(layer, attribute).copy_(torch.from_numpy(kept[f"{name}/{key}:0"]))

    def padded(layer: nn.Module, given: tuple[Tensor]) -> tuple[Tensor]:
        layer.padding = (0, 0)
        return (F.pad(given[0], (0, 1, 0, 1)),)

    for layer in layers:
        if isinstance(layer, nn.Conv2d) and layer.stride == (2, 2):
            layer.register_forward_pre_hook(padded)
    images = noise(224)
    wanted = network(images / 127.5 - 1).mean((2, 3))
    assert close(encode(model, images, device="cpu"), wanted)


@pytest.mark.parametrize("k", [1, 2])
def test_the_lites_answer_as_timms_own_networks(k: int) -> None:
    model, network = loaded(f"efficientnet_lite{k}"), timm.create_model(f"tf_efficientnet_lite{k}")
    given = torch.load(asset_path(f"efficientnet_lite{k}"), weights_only=True)
    tensors = [t for name, t in given.items() if "num_batches_tracked" not in name]
    names = [name for name in network.state_dict() if "num_batches_tracked" not in name]
    network.load_state_dict(
        network.state_dict() | dict(zip(names, tensors, strict=True)), strict=True
    )
    image = photographs()[0][0][..., :240, :240]
    model.preprocess.size = 240
    with torch.no_grad():
        assert close(model(image), network.eval()((image.float() - 127) / 128))


@pytest.mark.slow
def test_lite0_sorts_cifars_kinds_without_training() -> None:
    try:
        folder = asset_path("cifar10")
    except AssetMissing as missing:
        pytest.skip(str(missing))
    pixels = np.array(Image.open(folder / "test_batch.png").convert("RGB"))[:1000]
    images = torch.from_numpy(pixels).reshape(-1, 32, 32, 3).permute(0, 3, 1, 2)
    labels = torch.tensor(json.loads((folder / "test_lables.json").read_text())[:1000])
    model = loaded("efficientnet_lite0", size=128)
    kinds = probability_below(KINDS, *top_k(model, images, k=1000))
    accuracy = (kinds.argmax(1) == labels).float().mean()
    assert accuracy == pytest.approx(0.60, abs=0.03)


# --- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "size", "possible"),
    [
        ("vgg16", 31, 32),
        ("squeezenet1_1", 10, 17),
        ("inception_v3", 74, 75),
        ("tumour_vgg16", 64, 224),
    ],
)
def test_a_size_that_the_network_cannot_run_is_refused(name: str, size: int, possible: int) -> None:
    with pytest.raises(ValueError, match=rf"size={size}: .* but of {possible}"):
        load_backbone(name, weights="random", size=size)
    load_backbone(name, weights="random", size=possible)


@pytest.mark.parametrize("size", [0, -3, 64.5, "64"])
def test_a_size_is_a_whole_number_of_pixels(size: object) -> None:
    with pytest.raises(ValueError, match="whole pixels"):
        load_backbone("small_vgg", weights="random", size=size)


@pytest.mark.parametrize(
    ("name", "asset", "suffix"),
    [
        ("vgg16", "vgg16_conv", ".onnx"),
        ("hed_vgg16", "hed_vgg16", ".h5"),
        ("efficientnet_lite0", "efficientnet_lite0", ".pth"),
    ],
)
@pytest.mark.parametrize("damage", ["truncated", "empty", "noise", "another network's"])
def test_a_damaged_file_is_refused_with_the_fix(
    monkeypatch, tmp_path, name: str, asset: str, suffix: str, damage: str
) -> None:
    loaded(name)
    path = tmp_path / f"weights{suffix}"
    if damage == "truncated":
        path.write_bytes(asset_path(asset).read_bytes()[:-1000])
    elif damage == "another network's":
        path = other_network(tmp_path, suffix)
    else:
        path.write_bytes(np.random.default_rng(0).bytes(5000) if damage == "noise" else b"")
    monkeypatch.setattr(trained, "asset_path", lambda asset: path)
    with pytest.raises(
        ValueError, match=rf"does not hold.*delete it, and run `cs826tl fetch {asset}`"
    ):
        load_backbone(name)


def other_network(folder: Path, suffix: str) -> Path:
    if suffix == ".pth":
        torch.save(tv.squeezenet1_1().state_dict(), folder / "other.pth")
        return folder / "other.pth"
    if suffix == ".h5":
        with h5py.File(folder / "other.h5", "w") as file:
            file["block1/kernel"] = np.zeros((3, 3, 3, 8), "float32")
        return folder / "other.h5"
    path = folder / "other.onnx"  # a graph of one tensor named w, two numbers long
    tensor = b"\x08\x02\x10\x01\x42\x01w\x4a\x08" + np.ones(2, "<f4").tobytes()
    graph = b"\x2a" + bytes([len(tensor)]) + tensor
    path.write_bytes(b"\x3a" + bytes([len(graph)]) + graph)
    assert read_onnx(path)["w"].tolist() == [1, 1]
    return path


def test_weights_that_are_not_the_published_ones_are_not_taken_for_them(monkeypatch) -> None:
    loaded("vgg16")
    whole = trained.read_onnx(asset_path("vgg16_conv"))
    name = "functional_1/block5_conv3_1/convolution/ReadVariableOp:0"
    moved = whole | {name: whole[name] + 1e-4}
    monkeypatch.setattr(trained, "read_onnx", lambda path: moved)
    with pytest.raises(ValueError, match=r"block5.conv3.weight is -0.0086.*published as -0.0087"):
        load_backbone("vgg16")


def test_grey_pictures_are_repeated_for_every_channel_and_scaled_ones_refused() -> None:
    model = load_backbone("vgg16", weights="random", size=32).eval()
    grey = noise(32)[:, :1]
    assert torch.equal(encode(model, grey), encode(model, grey.repeat(1, 3, 1, 1)))
    with pytest.raises(TypeError, match=r"uint8, 0 to 255.*own scaling"):
        encode(model, noise(32) / 255)
