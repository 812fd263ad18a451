"""Adaptation at test time against plain PyTorch and against TENT as its authors wrote it."""

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from cs826tl.data.loading import load_task
from cs826tl.methods.test_time import accuracy, batch_statistics, entropy, tent
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel

INPUTS = load_task("digits").test.inputs[:40]


def vgg() -> StagedModel:
    return load_backbone("small_vgg", weights="random", size=16)


def state(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def test_without_a_prior_the_statistics_are_those_of_training_mode() -> None:
    model = vgg()
    given = state(model)
    found = batch_statistics(model, INPUTS, batch_size=16)
    plain = deepcopy(model).train()
    with torch.no_grad():
        expected = torch.cat([plain(batch) for batch in INPUTS.split(16)])
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
    assert all(torch.equal(tensor, given[name]) for name, tensor in model.state_dict().items())


def test_a_prior_weighs_by_numbers_of_images() -> None:
    model = vgg()
    norm = model.stages.block1[1]
    norm.running_mean += 0.3
    far = batch_statistics(model, INPUTS, batch_size=20, prior=1e9)
    torch.testing.assert_close(far, model.eval()(INPUTS), atol=1e-4, rtol=1e-4)
    block = nn.Sequential(nn.BatchNorm2d(3))
    one = StagedModel("one", nn.Identity(), {"block": block}, nn.Flatten(), "ab", "none")
    x = torch.randn(20, 3, 2, 2)
    seen = batch_statistics(one, x, batch_size=20, prior=60).view_as(x)
    mean = 0.25 * x.mean((0, 2, 3)) + 0.75 * 0
    variance = 0.25 * x.var((0, 2, 3), unbiased=False) + 0.75 * 1
    expected = (x - mean[:, None, None]) / (variance[:, None, None] + 1e-5).sqrt()
    torch.testing.assert_close(seen, expected)


def the_authors_tent(model: StagedModel, inputs: Tensor, lr: float, steps: int) -> Tensor:
    """Do as `tent.py` of DequanWang/tent does: configure the model, then adapt and answer."""
    model = deepcopy(model).train().requires_grad_(False)
    parameters = []
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.requires_grad_(True)
            module.track_running_stats = False
            module.running_mean = None
            module.running_var = None
            parameters += [module.weight, module.bias]
    optimizer = torch.optim.Adam(parameters, lr=lr, betas=(0.9, 0.999), weight_decay=0.0)
    answers = []
    for batch in inputs.split(16):
        for _ in range(steps):
            outputs = model(batch)
            loss = -(outputs.softmax(1) * outputs.log_softmax(1)).sum(1).mean(0)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        answers.append(outputs.detach())
    return torch.cat(answers)


@pytest.mark.parametrize("steps", [1, 3])
def test_tent_answers_as_its_authors_code_does(steps: int) -> None:
    model = vgg()
    given = state(model)
    found = tent(model, INPUTS, lr=1e-2, batch_size=16, steps=steps)
    expected = the_authors_tent(model, INPUTS, 1e-2, steps)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
    assert all(torch.equal(tensor, given[name]) for name, tensor in model.state_dict().items())
    assert all(p.requires_grad and p.grad is None for p in model.parameters())


def test_tent_makes_answers_surer() -> None:
    inputs = INPUTS[:16].repeat(40, 1, 1, 1)
    scores = entropy(tent(vgg(), inputs, lr=3e-2, batch_size=16)).view(40, 16).mean(1)
    assert scores[-1] < scores[0] / 2


def test_entropy_and_accuracy_are_those_of_torch() -> None:
    scores = torch.randn(6, 4)
    expected = torch.distributions.Categorical(logits=scores).entropy()
    torch.testing.assert_close(entropy(scores), expected)
    assert accuracy(scores, scores.argmax(1)) == 1.0


def test_errors_name_the_fix() -> None:
    plain = StagedModel("p", nn.Identity(), {"f": nn.Flatten()}, nn.Linear(4, 2), "ab", "none")
    with pytest.raises(ValueError, match="no batch normalization"):
        tent(plain, torch.zeros(2, 4))
    for wrong in ({"batch_size": 0}, {"prior": -1}):
        with pytest.raises(ValueError, match="give"):
            batch_statistics(vgg(), INPUTS, **wrong)
    with pytest.raises(ValueError, match="give"):
        tent(vgg(), INPUTS[:0])
    with pytest.raises(ValueError, match="step"):
        tent(vgg(), INPUTS, steps=0)
