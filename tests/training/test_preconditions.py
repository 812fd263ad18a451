"""Bad input is refused at the call: what was given, what is possible, and the fix."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from cs826tl.data.loading import load_task
from cs826tl.data.tasks import Task
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.plots import plot_history
from cs826tl.training.codes import encode
from cs826tl.training.costs import predict_cost, stage_seconds
from cs826tl.training.evaluation import evaluate
from cs826tl.training.fitting import fit
from cs826tl.training.history import History
from cs826tl.training.loop import Training

TASK = load_task("digits", shots=2)
PICTURES = np.zeros((20, 1, 8, 8), np.uint8)
LABELS = np.arange(20) % 10


@pytest.fixture
def model() -> StagedModel:
    return load_backbone("small_vgg", weights="random")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"epochs": 0}, "epochs=0, batch_size=32: both must be at least 1, and whole numbers"),
        ({"batch_size": 0}, "epochs=5, batch_size=0: both must be at least 1, and whole numbers"),
        ({"epochs": 1.5}, "epochs=1.5, batch_size=32: both must be at least 1, and whole numbers"),
        ({"batch_size": "8"}, "batch_size='8': both must be at least 1, and whole numbers"),
        ({"lr": -0.1}, "rate of block1 is -0.1"),
        ({"lr": float("nan")}, "rate of block1 is nan"),
        ({"lr": float("inf")}, "rate of block1 is inf"),
        (
            {"lr": dict.fromkeys(["block1", "block2", "block3", "fc"], 0.1) | {"head": -1}},
            "rate of head is -1: give a number, 0 or more",
        ),
        ({"precision": "half"}, "no precision named 'half'"),
        ({"device": "gpu"}, "no device named 'gpu'"),
        ({"watch": {"validation": TASK}}, "choose another name"),
    ],
)
def test_wrong_settings_are_refused_when_the_training_is_made(
    model, wrong: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Training(model, TASK, **wrong)  # not only when somebody iterates
    with pytest.raises(ValueError, match=said):
        fit(model, TASK, **wrong)


@pytest.mark.parametrize("wrong", [{"device": "gpu"}, {"precision": "half"}], ids=str)
def test_encode_and_evaluate_heed_the_device_and_the_precision(model, wrong) -> None:
    (kind,) = wrong
    with pytest.raises(ValueError, match=f"no {kind} named"):
        encode(model, PICTURES, **wrong)
    with pytest.raises(ValueError, match=f"no {kind} named"):
        evaluate(model, TASK, **wrong)


def test_what_is_watched_must_be_a_task(model) -> None:
    for wrong in (TASK.train, (TASK, "head"), (PICTURES, LABELS)):
        with pytest.raises(TypeError, match=r"watch\['other'\] is neither a Task nor"):
            fit(model, TASK, watch={"other": wrong})
    with pytest.raises(TypeError, match=r"watch is a Task: give each task a name"):
        fit(model, TASK, watch=TASK)


def test_a_model_without_stages_names_the_way_to_get_them() -> None:
    for ask in (
        lambda network: fit(network, TASK),
        lambda network: evaluate(network, TASK),
        lambda network: encode(network, PICTURES),
        lambda network: stage_seconds(network, TASK.train.inputs),
        lambda network: predict_cost(network, 10, {}),
    ):
        with pytest.raises(TypeError, match=r"got Linear: cut it into stages with staged\("):
            ask(nn.Linear(3, 2))


@pytest.mark.parametrize("empty", ["train", "validation"])
def test_an_empty_split_is_named(model, empty: str) -> None:
    splits = {name: TASK.split(name) for name in ("train", "validation", "test")}
    task = Task("mine", TASK.classes, **splits | {empty: TASK.train[:0]}, origin="here")
    with pytest.raises(ValueError, match=f"task 'mine' has no {empty} examples"):
        fit(model, task)
    with pytest.raises(ValueError, match=f"has no {empty} examples"):
        evaluate(model, task, empty)
    with pytest.raises(ValueError, match="has no train examples"):
        fit(load_backbone("small_vgg", weights="random"), (PICTURES[:0], LABELS[:0]))


LAYOUTS = [
    ((20, 8, 8, 3), r"images.permute\(0, 3, 1, 2\)$"),
    ((20, 8, 8, 1), r"images.permute\(0, 3, 1, 2\)$"),
    ((20, 4, 8, 8), r"images\[:, :3\]"),
    ((20, 8, 8), r"images.unsqueeze\(1\)"),
    ((20, 64), r"this network takes \(N, 3, height, width\)"),
]


@pytest.mark.parametrize(("shape", "said"), LAYOUTS)
def test_pictures_in_another_layout_come_with_the_fix(model, shape, said) -> None:
    pictures, labels = np.zeros(shape, np.uint8), np.zeros(20, int)
    with pytest.raises(ValueError, match=said):
        Training(model, (pictures, labels))
    with pytest.raises(ValueError, match=said):
        evaluate(model, (torch.from_numpy(pictures), labels))
    with pytest.raises(ValueError, match=said):
        encode(model, pictures)


@pytest.mark.parametrize("through", [None, "fc"])
def test_pictures_that_are_scaled_already_are_refused_before_anything_runs(
    model, monkeypatch, through: str | None
) -> None:
    monkeypatch.setattr(StagedModel, "forward", None)
    monkeypatch.setattr("cs826tl.training.codes.forward", None)
    with pytest.raises(TypeError, match=r"got torch.float32: the network does its own scaling"):
        Training(model, (PICTURES.astype(np.float32) / 255, LABELS))


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (LABELS + 1, "the train labels go from 1 to 10, and there are 10 classes.*from 0 to 9"),
        (LABELS - 1, "the train labels go from -1 to 8"),
        (LABELS.astype(float), r"must be whole numbers.*float64: convert .*astype\(int\)"),
        (LABELS.astype(str), r"must be whole numbers.*classes.index\(name\)"),
        (np.eye(10)[LABELS].astype(int), r"have shape \(20, 10\) .*argmax\(1\)"),
        (LABELS[:-1], "20 inputs but 19 labels"),
    ],
)
def test_labels_that_index_no_class_are_refused(model, labels, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fit(model, (PICTURES, labels))


def test_a_loader_is_not_its_dataset(model) -> None:
    loader = DataLoader(TensorDataset(torch.from_numpy(PICTURES), torch.from_numpy(LABELS)))
    with pytest.raises(TypeError, match=r"DataLoader is neither .* give loader\.dataset"):
        fit(model, loader)
    with pytest.raises(TypeError, match=r"ndarray is neither .* give \(inputs, labels\)"):
        evaluate(model, PICTURES)


def test_an_empty_history_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="the history is empty"):
        plot_history(History(stopped="interrupted after 0 epochs"))


def test_a_first_stage_without_parameters_is_a_stage_like_any_other() -> None:
    class Flat(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return images.float().flatten(1) / 255

    stages = {"flat": nn.ReLU(), "linear": nn.Linear(64, 16)}
    model = StagedModel("own", Flat(), stages, nn.Linear(16, 10), TASK.classes, "none")
    assert encode(model, TASK.train.inputs, until="flat").shape == (20, 64)
    assert 0 <= evaluate(model, TASK) <= 1
    assert len(fit(model, TASK, epochs=1).rows) == 2
