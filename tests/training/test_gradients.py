"""Gradients of tasks in the stages they share, against finite differences and built cases."""

from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cs826tl.data.loading import load_task
from cs826tl.data.tasks import Split, Task
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training.freezing import freeze
from cs826tl.training.gradients import gradient_cosines, shared_gradient

HALF = torch.arange(8) % 2


def toy(seed: int = 0) -> StagedModel:
    """Return a network of two linear stages, in double precision, for codes of five numbers."""
    torch.manual_seed(seed)
    stages = {"first": nn.Sequential(nn.Linear(5, 4), nn.Tanh()), "second": nn.Linear(4, 4)}
    return StagedModel("toy", nn.Identity(), stages, nn.Linear(4, 2), "ab", "none").double()


def codes(number: int = 8) -> Tensor:
    return torch.randn(number, 5, generator=torch.Generator().manual_seed(0), dtype=torch.double)


def task_of(labels: Tensor) -> Task:
    split = Split(codes(len(labels)), labels)
    return Task("toy", ("a", "b"), split, split, split, "a generator")


def with_other_head(model: StagedModel, weight: Tensor) -> StagedModel:
    """Return a model over the same stages whose head has this weight and no bias."""
    head = nn.Linear(4, 2, bias=False, dtype=torch.double)
    head.weight.data = weight.double()
    other = deepcopy(model)
    other.stages, other.head = model.stages, head
    return other


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    model, split = toy(), Split(codes(), HALF)
    gradient = shared_gradient(model, split)
    parameters = list(model.stages.parameters())
    assert len(gradient) == sum(p.numel() for p in parameters)
    for index in range(len(gradient)):
        sides = []
        for step in (1e-5, -1e-5):
            moved = deepcopy(model)
            flat = nn.utils.parameters_to_vector(moved.stages.parameters()).detach()
            flat[index] += step
            nn.utils.vector_to_parameters(flat, moved.stages.parameters())
            with torch.no_grad():
                sides.append(float(F.cross_entropy(moved(split.inputs), split.labels)))
        assert float(gradient[index]) == pytest.approx((sides[0] - sides[1]) / 2e-5, abs=1e-8)


def test_the_gradient_is_that_of_training_and_leaves_the_model_as_it_is() -> None:
    model = load_backbone("small_vgg", weights="random").eval()
    before = deepcopy(model)
    split = load_task("digits", shots=2).train
    gradient = shared_gradient(model, split)
    after = model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    assert not any(module.training for module in model.modules())
    F.cross_entropy(before.train()(split.inputs), split.labels).backward()  # batch statistics
    plain = [p.grad.flatten() for p in before.stages.parameters() if p.grad is not None]
    torch.testing.assert_close(gradient, torch.cat(plain))


def test_frozen_stages_are_left_out() -> None:
    model = toy()
    whole = shared_gradient(model, Split(codes(), HALF))
    second = shared_gradient(freeze(model, "first"), Split(codes(), HALF))
    torch.testing.assert_close(second, whole[-20:])
    with pytest.raises(ValueError, match=r"all stages are frozen.*unfreeze\(model\)"):
        shared_gradient(freeze(model), Split(codes(), HALF))


def test_a_task_has_the_cosine_1_with_itself() -> None:
    model, task = toy(), task_of(HALF)
    table = gradient_cosines({"one": model, "same": model}, {"one": task, "same": task})
    assert table.to_numpy().flatten().tolist() == pytest.approx([1, 1, 1, 1])
    assert list(table.index) == list(table.columns) == ["one", "same"]


def test_a_task_has_the_cosine_minus_1_with_its_negation() -> None:
    # a head near indifference: the other label pulls exactly the other way
    model = with_other_head(toy(), torch.tensor([[1, 2, -1, 3], [-1, 0, 2, 1]]) * 1e-6)
    models = {"task": model, "negation": model}
    table = gradient_cosines(models, {"task": task_of(HALF), "negation": task_of(1 - HALF)})
    assert table.loc["task", "negation"] == pytest.approx(-1, abs=1e-5)


def test_heads_that_read_other_numbers_have_the_cosine_0() -> None:
    model = toy()
    model.stages = nn.Sequential(nn.Linear(5, 4, dtype=torch.double))
    left = with_other_head(model, torch.tensor([[1, 2, 0, 0], [3, -1, 0, 0]]))
    right = with_other_head(model, torch.tensor([[0, 0, 1, 2], [0, 0, 3, -1]]))
    task = task_of(HALF)
    table = gradient_cosines({"left": left, "right": right}, {"left": task, "right": task})
    assert table.loc["left", "right"] == 0
    assert table.loc["left", "left"] == pytest.approx(1)


def test_tasks_on_the_same_pictures_are_asked_about_the_same_ones() -> None:
    model = toy()
    models = {"a": model, "b": model}
    tasks = {"a": task_of(torch.arange(300) % 2), "b": task_of(torch.arange(300) % 2)}
    for seed in (0, 1):
        table = gradient_cosines(models, tasks, images=20, seed=seed)
        assert table.loc["a", "b"] == pytest.approx(1)


def test_as_many_pictures_as_asked_for_count() -> None:
    models = {"a": toy(0), "b": toy(1)}
    task = task_of((torch.arange(300) % 3 > 0).long())
    whole = [shared_gradient(model, task.train) for model in models.values()]
    expected = float(F.cosine_similarity(*whole, dim=0))
    for images, equal in ((300, True), (1000, True), (20, False)):
        table = gradient_cosines(models, {"a": task, "b": task}, images=images)
        assert bool(table.loc["a", "b"] == pytest.approx(expected)) == equal


def test_seeds_draw_other_pictures() -> None:
    models = {"a": toy(0), "b": toy(1)}
    task = task_of((torch.arange(300) % 3 > 0).long())
    found = [
        gradient_cosines(models, {"a": task, "b": task}, images=10, seed=seed).loc["a", "b"]
        for seed in (0, 0, 1)
    ]
    assert found[0] == found[1] != found[2]


def test_a_model_without_a_task_is_named() -> None:
    with pytest.raises(ValueError, match=r"no task named 'digit'\. Choose from: loop"):
        gradient_cosines({"digit": toy()}, {"loop": task_of(HALF)})


def test_unless_said_otherwise_128_pictures_of_seed_0_count() -> None:
    models = {"a": toy(0), "b": toy(1)}
    task = task_of((torch.arange(300) % 3 > 0).long())
    tasks = {"a": task, "b": task}
    usual, same, fewer, more = (
        gradient_cosines(models, tasks, **given).loc["a", "b"]
        for given in ({}, {"images": 128, "seed": 0}, {"images": 127}, {"images": 129})
    )
    assert usual == same
    assert usual not in (fewer, more)
