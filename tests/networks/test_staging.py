"""`staged` on networks written by hand: what can be cut, what stays whole, what is refused."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
import torchvision.models as tv
from torch import Tensor, nn
from torchvision import transforms

from cs826tl import evaluate, fit, freeze, load_task, staged, with_head
from cs826tl.networks import Preprocess, anatomy
from cs826tl.networks.cutting import ONE_STAGE, WHOLE
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import frozen_prefix

CLASSES = [str(k) for k in range(10)]
GREY = Preprocess([127.5], [127.5], size=28)


def cut(network: nn.Module, size: int = 28) -> StagedModel:
    return staged(network, classes=CLASSES, preprocess=Preprocess([127.5], [127.5], size=size))


def noise(number: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (number, 1, 28, 28), generator=generator, dtype=torch.uint8)


class Net(nn.Module):
    """Two convolutions and two linear layers; subclasses run them differently."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv1 = nn.Conv2d(1, 4, 3, stride=2)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
        self.drop = nn.Dropout(0.5)
        self.fc1 = nn.Linear(4 * 13 * 13, 16)
        self.fc2 = nn.Linear(16, 10)

    def features(self, x: Tensor) -> Tensor:
        return F.relu(self.conv2(F.relu(self.conv1(x))))

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(self.drop(F.relu(self.fc1(self.features(x).flatten(1)))))


class FunctionalDropout(Net):
    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.fc1(self.features(x).flatten(1)))
        return self.fc2(F.dropout(x, training=self.training))


class Branching(Net):
    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        if x.mean() > 1000:
            x = x / 2
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


class BranchingLogProbabilities(Branching):
    def forward(self, x: Tensor) -> Tensor:
        return F.log_softmax(super().forward(x), dim=1)


class LogProbabilities(Net):
    def forward(self, x: Tensor) -> Tensor:
        return F.log_softmax(super().forward(x), dim=1)


class Residual(Net):
    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv1(x))
        x = x + self.conv2(x)  # one stage
        return self.fc2(self.drop(F.relu(self.fc1(x.flatten(1)))))


class Tied(Net):
    """The second convolution runs twice, so both uses must be frozen together."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc1(F.relu(self.conv2(self.features(x))).flatten(1))
        return self.fc2(F.relu(x))


class Recurrent(nn.Module):
    """A recurrent layer returns a tuple, which is no stage's output."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.Linear(28, 12)
        self.lstm = nn.LSTM(12, 8, batch_first=True)
        self.fc = nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor:
        outputs, _ = self.lstm(self.rows(x.squeeze(1)))
        return self.fc(outputs[:, -1])


class Wrapped(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.net = Net()

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


SEQUENTIAL = nn.Sequential(
    nn.AvgPool2d(2), nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(),
    nn.Linear(4 * 12 * 12, 10),
)  # fmt: skip
CUT = {
    "conv1 conv2 fc1": [Net, Wrapped, LogProbabilities, Residual],
    "rows lstm": [Recurrent],
    "layer1": [lambda: SEQUENTIAL],
    "body": [FunctionalDropout, Branching],
    "": [BranchingLogProbabilities],
}
MAKERS = [(make, stages.split()) for stages, makers in CUT.items() for make in makers]


@pytest.mark.parametrize(("make", "stages"), MAKERS)
def test_networks_written_by_hand_are_cut_where_they_can_be(
    make: Callable[[], nn.Module], stages: list[str]
) -> None:
    network = make()
    model = cut(network)
    assert list(model.parts) == [*stages, "head"]
    remark = {"body": ONE_STAGE, "": WHOLE}.get(" ".join(stages))
    assert model.weights == ("weights as given" + (f", {remark}" if remark else ""))
    model.eval(), network.eval()
    torch.testing.assert_close(model(noise()), network(noise().float() / 127.5 - 1))
    assert {id(p) for p in model.parameters()} == {id(p) for p in network.parameters()}


@pytest.mark.parametrize(("make", "stages"), MAKERS)
def test_each_of_them_is_trained_by_fit(make: Callable[[], nn.Module], stages: list[str]) -> None:
    task = load_task("digits", shots=5)
    model = with_head(staged(make(), classes=CLASSES, preprocess=GREY), task.classes, seed=1)
    if stages:
        freeze(model)
        assert frozen_prefix(model) == len(stages)
    history = fit(model, task, epochs=2, lr=1e-3, progress=False, device="cpu")
    assert not history.stopped
    assert 0 <= evaluate(model, task) <= 1


def test_layers_that_share_weights_stay_in_one_stage() -> None:
    assert list(cut(Tied()).parts) == ["conv1", "conv2", "fc1", "head"]
    model = cut(Tied())
    assert model.stages.conv1 is not model.stages.conv2
    calls = [node.target for node in model.stages.conv2.graph.nodes if node.op == "call_module"]
    assert calls == ["conv2", "conv2"]


def test_a_dropout_used_in_two_stages_is_silenced_in_the_frozen_one_only() -> None:
    class Twice(Net):
        def forward(self, x: Tensor) -> Tensor:
            x = self.drop(F.relu(self.fc1(self.features(x).flatten(1))))
            return self.fc2(self.drop(x))

    class Spread(Net):
        def forward(self, x: Tensor) -> Tensor:
            x = self.drop(F.relu(self.conv1(x)))
            return self.fc2(self.drop(F.relu(self.fc1(F.relu(self.conv2(x)).flatten(1)))))

    model = cut(Spread())
    dropouts = [m for m in model.modules() if isinstance(m, nn.Dropout)]
    assert len(dropouts) == 2
    assert len([m for m in cut(Twice()).modules() if isinstance(m, nn.Dropout)]) == 1


def test_staging_changes_nothing_in_the_network() -> None:
    network = nn.Sequential(*SEQUENTIAL[:-1], nn.Dropout(), nn.Linear(576, 10)).train()
    network[2].eval()
    before = {name: t.clone() for name, t in network.state_dict().items()}
    cut(network)
    assert [m.training for m in network] == [True, True, False, *[True] * 4]
    assert all(torch.equal(t, before[name]) for name, t in network.state_dict().items())


def test_a_network_of_numbers_needs_an_example() -> None:
    network = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2))
    model = staged(network, classes=["a", "b"], preprocess=None, example=torch.rand(9, 6))
    assert list(model.parts) == ["layer0", "head"]
    with pytest.raises(ValueError, match=r"shape \(2, 3, 32, 32\).*example=task.train.inputs"):
        staged(network, classes=["a", "b"], preprocess=None)


def test_an_input_of_another_size_is_refused_with_the_fix() -> None:
    with pytest.raises(ValueError, match=r"\(2, 1, 32, 32\).*set the size in Preprocess"):
        staged(Net(), classes=CLASSES, preprocess=Preprocess([127.5], [127.5], None))


def test_as_many_classes_as_outputs_are_named() -> None:
    with pytest.raises(ValueError, match="10 outputs, but classes names 2"):
        staged(Net(), classes=["a", "b"], preprocess=GREY)
    with pytest.raises(ValueError, match="at least two classes"):
        staged(Net(), classes="0123456789", preprocess=GREY)


def test_scores_in_two_dimensions_are_wanted_in_training_too() -> None:
    with pytest.raises(ValueError, match=r"one row of scores per input.*\(2, 4, 13, 13\)"):
        cut(nn.Conv2d(1, 4, 3, stride=2))
    torch.manual_seed(0)
    network = tv.googlenet(num_classes=10, init_weights=False)
    rgb = Preprocess([127.5] * 3, [127.5] * 3, size=64)
    with pytest.raises(ValueError, match="in training mode it returns GoogLeNetOutputs"):
        staged(network, classes=CLASSES, preprocess=rgb)


def test_a_view_of_images_that_cannot_be_mended_is_named() -> None:
    class View(Branching):
        def forward(self, x: Tensor) -> Tensor:
            x = self.features(x)
            if x.mean() > 1000:
                x = x / 2
            return self.fc2(F.relu(self.fc1(x.view(len(x), -1))))

    with pytest.raises(ValueError, match=r"channels-last.*use flatten\(1\)"):
        cut(View())


def test_what_cannot_be_staged_is_named() -> None:
    for network in (cut(Net()), "resnet18"):
        with pytest.raises(TypeError, match=f"not yet staged, got {type(network).__name__}"):
            staged(network, classes=CLASSES, preprocess=GREY)
    with pytest.raises(TypeError, match=r"such as Preprocess\(mean, std, size\).*got Compose"):
        staged(Net(), classes=CLASSES, preprocess=transforms.Compose([]))


def test_staging_draws_nothing_from_the_learners_generator() -> None:
    network = FunctionalDropout()
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    cut(network)
    assert torch.equal(torch.rand(3), wanted)


def test_only_a_staged_network_gets_a_new_head() -> None:
    with pytest.raises(TypeError, match=r"got Net: cut it into stages with staged\(network"):
        with_head(Net(), ["a", "b"])
    with pytest.raises(TypeError, match=r"got Net: cut it into stages with staged\(network"):
        anatomy(Net())


def test_the_anatomy_of_a_network_for_grey_images_is_counted() -> None:
    assert anatomy(cut(Net()), size=28)["output"].tolist()[-1] == "10"


def test_a_head_kept_whole_gets_a_new_last_layer() -> None:
    network = BranchingLogProbabilities()
    model = with_head(cut(network), ["a", "b", "c"])
    assert model.eval()(noise()).shape == (2, 3)
    assert torch.equal(model.head.conv1.weight, network.conv1.weight)
    assert model.head.conv1.weight is not network.conv1.weight
    assert network.fc2.out_features == 10
