"""Networks of timm and torchvision and one written by hand, each taken through the whole course."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import chain

import pytest
import timm
import torch
import torchvision.models as tv
from PIL import Image
from skimage import data
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from cs826tl import (
    audit,
    encode,
    fit,
    freeze,
    load_backbone,
    load_task,
    snapshot,
    staged,
    with_head,
)
from cs826tl.data.tasks import Task
from cs826tl.networks import Preprocess, anatomy
from cs826tl.networks.staging import StagedModel
from cs826tl.training import clear_codes
from cs826tl.training.auditing import Finding
from cs826tl.training.codes import frozen_prefix
from cs826tl.widgets import freezing_panel


class ByHand(nn.Module):
    """A network as a student writes it: one pooling used twice, functions between the layers."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(2)  # first of the children, but not first in forward
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.drop = nn.Dropout(0.3)
        self.fc1 = nn.Linear(16 * 7 * 7, 32)
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(torch.relu(self.norm1(self.conv1(x))))
        x = self.pool(torch.relu(self.conv2(x)))
        x = x.view(x.size(0), -1)
        x = self.drop(torch.relu(self.fc1(x)))
        return self.fc2(x)


def by_hand(**_: object) -> StagedModel:
    torch.manual_seed(0)
    scaling = Preprocess([127.5] * 3, [127.5] * 3, size=28)
    return staged(ByHand(), classes=[str(k) for k in range(10)], preprocess=scaling)


def numbered(name: str, numbers: range) -> list[str]:
    return [f"{name}{k}" for k in numbers]


STAGES = {
    "by hand": ["conv1", "conv2", "fc1"],
    "timm/resnet18": ["conv1", *numbered("layer", range(1, 5))],
    "torchvision/resnet18": ["conv1", *numbered("layer", range(1, 5))],
    "torchvision/mobilenet_v3_small": [*numbered("features", range(13)), "classifier0"],
    "timm/mobilenetv3_small_100": ["conv_stem", *numbered("blocks", range(6)), "conv_head"],
    "torchvision/densenet121": [
        "conv0", *chain(*([f"denseblock{k}", f"transition{k}"] for k in (1, 2, 3))), "denseblock4",
    ],
    "timm/regnety_002": ["stem", "s1", "s2", "s3", "s4"],
    "timm/convnext_atto": ["stem", *numbered("stages", range(4))],
    "torchvision/convnext_tiny": numbered("features", range(8)),
    "timm/vit_tiny_patch16_224": ["patch_embed", *numbered("blocks", range(12))],
    "torchvision/swin_t": numbered("features", range(8)),
}  # fmt: skip
HEAVY = {
    "timm/vit_tiny_patch16_224",
    "torchvision/convnext_tiny",
    "torchvision/densenet121",
    "torchvision/swin_t",
}
SIZE = 64


@dataclass(frozen=True)
class Case:
    """A staged network with random weights, and the very network that it was cut from."""

    name: str
    model: StagedModel
    network: nn.Module


def original(name: str) -> nn.Module:
    """Build the network with the same random weights through its own library."""
    library, _, rest = name.partition("/")
    torch.manual_seed(0)
    if library == "by hand":
        return ByHand()
    return timm.create_model(rest) if library == "timm" else tv.get_model(rest)


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.slow if name in HEAVY else ()) for name in STAGES],
)
def case(request: pytest.FixtureRequest) -> Case:
    name = request.param
    size = None if "vit" in name else SIZE  # a ViT takes images of one size
    load: Callable[..., StagedModel] = by_hand if name == "by hand" else load_backbone
    options = {} if name == "by hand" else {"name": name, "weights": "random", "size": size}
    return Case(name, load(**options), original(name))


@pytest.fixture(autouse=True)
def _own_codes(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    clear_codes()
    yield
    clear_codes()


def photographs() -> Tensor:
    whole = torch.from_numpy(data.astronaut().copy()).permute(2, 0, 1)
    return torch.stack([whole[:, k : k + 230, 150 - k : 380 - k] for k in (0, 60, 120)])


@pytest.fixture(scope="module")
def digits() -> Task:
    """Return a task so small that large networks train on it in a second."""
    task = load_task("digits", shots=1)
    few = {"inputs": task.validation.inputs[:16], "labels": task.validation.labels[:16]}
    return replace(task, validation=replace(task.validation, **few))


def test_the_stages_are_what_the_network_is_made_of(case: Case) -> None:
    assert list(case.model.parts) == [*STAGES[case.name], "head"]
    assert "random weights" in case.model.weights or case.name == "by hand"
    assert "forward cannot be cut" not in case.model.weights
    held = [
        id(t) for part in case.model.parts.values() for t in [*part.parameters(), *part.buffers()]
    ]
    assert len(held) == len(set(held))  # nothing is in two parts
    wanted = sorted(tuple(p.shape) for p in case.network.parameters())
    assert sorted(tuple(p.shape) for p in case.model.parameters()) == wanted  # nothing is lost


def test_it_answers_as_the_network_itself(case: Case) -> None:
    x = case.model.preprocess(photographs())
    for mode in (False, True):  # in training mode too, with the same dropout
        case.model.train(mode), case.network.train(mode)
        torch.manual_seed(3)
        wanted = case.network(x)
        torch.manual_seed(3)
        given = case.model.head(case.model.stages(x))
        torch.testing.assert_close(given, wanted, rtol=1e-5, atol=1e-6)
    assert wanted.std(0).max() > 0  # the answers depend on the images


def test_gradients_are_the_networks_own(case: Case) -> None:
    x = case.model.preprocess(photographs())
    for forward, module in (
        (case.network, case.network),
        (lambda x: case.model.head(case.model.stages(x)), case.model),
    ):
        module.train().zero_grad()
        torch.manual_seed(3)
        forward(x).square().sum().backward()
    norms = [
        torch.cat([p.grad.flatten() for p in module.parameters() if p.grad is not None]).norm()
        for module in (case.network, case.model)
    ]
    torch.testing.assert_close(norms[0], norms[1], rtol=1e-4, atol=0)


def test_codes_are_what_the_stages_return(case: Case, digits: Task) -> None:
    images = digits.train.inputs
    for until in (STAGES[case.name][0], STAGES[case.name][-1]):
        codes = encode(case.model, images, until=until)
        x = case.model.eval().preprocess(images)
        for name, stage in case.model.stages.named_children():
            with torch.no_grad():
                x = stage(x)
            if name == until:
                break
        torch.testing.assert_close(codes, x, rtol=1e-3, atol=1e-4)
    assert codes.dim() == 2


def test_frozen_parts_stay_and_the_others_move(case: Case, digits: Task) -> None:
    model = with_head(case.model, digits.classes)
    first, *rest = STAGES[case.name]
    freeze(model, through=first)
    before = snapshot(model)
    fit(model, digits, epochs=1, lr=1e-3, progress=False, device="cpu")
    found = audit(model, before)["verdict"]
    assert found[first] == Finding.FROZEN_STILL
    assert set(found[[*rest, "head"]]) == {Finding.TRAINABLE_MOVED}
    assert frozen_prefix(model) == 1


def test_the_panel_trains_it(case: Case, digits: Task) -> None:
    panel = freezing_panel(case.model, digits, epochs=1)
    assert panel.frozen == STAGES[case.name]
    for _ in panel.controller.train():
        pass
    panel.show()
    assert panel.state["alert"] == ""
    assert "Nothing frozen moved." in panel.state["status"]
    assert len(panel.controller.runs[0].accuracies) == 2
    assert panel.stand_in().count("<tr>") == len(STAGES[case.name]) + 1


def test_its_parameters_and_multiply_adds_are_counted(case: Case) -> None:
    size = 224 if "vit" in case.name else 28 if case.name == "by hand" else SIZE
    table = anatomy(case.model, size=size)
    network = deepcopy(case.network).to("meta").eval()  # the CPU's fused attention is not counted
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, 3, size, size, device="meta"))
    assert table["multiply-adds"].sum() == pytest.approx(counter.get_total_flops() // 2, rel=1e-6)
    assert table["parameters"].sum() == sum(p.numel() for p in case.network.parameters())


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "regnet_y_400mf"])
def test_preprocessing_is_torchvisions(name: str) -> None:
    weights = tv.get_model_weights(name).DEFAULT
    model = load_backbone(f"torchvision/{name}", weights="random")
    images = photographs()[..., :200]
    torch.testing.assert_close(model.preprocess(images), weights.transforms()(images))
    assert model.classes == tuple(weights.meta["categories"])


@pytest.mark.parametrize("name", ["resnet18", "test_vit", "test_convnext", "efficientnet_lite0"])
def test_preprocessing_is_timms(name: str) -> None:
    network = timm.create_model(name)
    config = timm.data.resolve_model_data_config(network)
    image = data.astronaut()[:400, :300]
    wanted = timm.data.create_transform(**config)(Image.fromarray(image))
    model = load_backbone(f"timm/{name}", weights="random")
    given = model.preprocess(torch.from_numpy(image.copy()).permute(2, 0, 1)[None])[0]
    scale = 255 * torch.tensor(config["std"]).view(3, 1, 1)
    assert given.shape == wanted.shape
    apart = ((given - wanted) * scale).abs()  # Pillow rounds once more
    assert apart.max() <= 3.01
    assert apart.mean() < 0.5
    assert len(model.classes) == 1000
