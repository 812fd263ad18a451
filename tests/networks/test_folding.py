"""Folded batch normalisation against the plain forward pass, on every network of the course."""

import pytest
import torch
from torch import Tensor, nn

from cs826tl.data.tasks import Split, Task
from cs826tl.networks.folding import folded, quicker
from cs826tl.networks.published import load_backbone
from cs826tl.networks.shelf import BACKBONES
from cs826tl.training import batches, codes
from cs826tl.training.evaluation import evaluate

SIDE = {"inception_v3": 96}  # pixels; the others take 64
PLAIN = {"vgg16", "hed_vgg16", "tumour_vgg16", "vgg16_torchvision", "alexnet", "squeezenet1_1"}
NORMALISED = BACKBONES.keys() - PLAIN


def norms(module: nn.Module) -> int:
    return sum(isinstance(m, nn.BatchNorm2d) for m in module.modules())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(NORMALISED))
@torch.no_grad()
def test_every_network_answers_the_same_without_its_batch_normalisation(name: str) -> None:
    side = SIDE.get(name, 64)
    model = load_backbone(name, weights="random", size=side)
    network = nn.Sequential(model.preprocess, *model.stages).train()
    images = torch.randint(0, 256, (4, 3, side, side), dtype=torch.uint8)
    network(images)  # its running statistics have now seen something
    given = folded(network)
    before = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    assert norms(network) > 0
    assert norms(given) == 0
    answers = given(images)
    assert network.training
    wanted = network.eval()(images)
    assert (answers - wanted).norm() <= 1e-5 * wanted.norm()
    assert all(torch.equal(t, before[key]) for key, t in network.state_dict().items())


def test_what_cannot_be_folded_shares_its_weights() -> None:
    plain = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.BatchNorm2d(4))
    given = folded(plain)
    assert given[0].weight is plain[0].weight
    assert norms(given) == 1  # a ReLU stands between: nothing can be folded


def test_what_has_no_batch_normalisation_is_not_run_to_be_compared() -> None:
    plain = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
    assert quicker(plain, torch.empty(0), torch.empty(0)) is plain


class Backwards(nn.Module):
    """A block whose children do not run in the order in which they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)

    def forward(self, images: Tensor) -> Tensor:
        scaled: Tensor = self.conv(self.norm(images))
        return scaled


def test_codes_do_without_folding_where_it_would_answer_otherwise(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    model = load_backbone("small_vgg", weights="random")
    block = Backwards()
    with torch.no_grad():
        block.norm.running_mean.copy_(torch.tensor([0.5, -0.3, 0.1]))
        block.norm.running_var.copy_(torch.tensor([2.0, 0.3, 1.5]))
    model.stages.block1.insert(0, block)
    images = torch.randint(0, 256, (70, 3, 28, 28), dtype=torch.uint8)
    given = codes.encode(model, images, until="block1")
    network = nn.Sequential(model.preprocess, model.stages.block1).eval()
    with torch.no_grad():
        torch.testing.assert_close(given, network(images), rtol=1e-5, atol=1e-6)
        assert not torch.allclose(folded(network)(images), network(images), rtol=1e-2)


@torch.no_grad()
def test_evaluating_folds_and_finds_what_the_plain_forward_pass_answers(monkeypatch) -> None:
    given: list[nn.Module] = []
    monkeypatch.setattr(batches, "quicker", lambda *of: given.append(quicker(*of)) or given[-1])
    model = load_backbone("small_vgg", weights="random")
    images = torch.randint(0, 256, (70, 3, 28, 28), dtype=torch.uint8)
    model.train()(images)  # its running statistics have now seen something
    split = Split(images, model.eval()(images).argmax(1))
    task = Task("own answers", model.classes, split, split, split, "")
    assert evaluate(model, task) == 1
    assert [norms(module) for module in given] == [0]
    split.labels[0] = (split.labels[0] + 1) % len(model.classes)
    assert evaluate(model, task) == pytest.approx(69 / 70)
