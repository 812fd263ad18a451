"""The remedies against formulas, finite differences, independent gradients, and on a real run."""

from collections.abc import Callable
from copy import deepcopy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, jacrev, vmap

from cs826tl.data.loading import load_task
from cs826tl.data.tasks import Split, Task
from cs826tl.methods.forgetting import (
    EWC,
    L2SP,
    Distillation,
    Replay,
    fisher_information,
)
from cs826tl.networks.heads import with_head
from cs826tl.networks.preprocessing import Preprocess
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training.fitting import fit
from cs826tl.training.freezing import freeze, unfreeze


def toy(classes: str = "ab", seed: int = 0) -> StagedModel:
    """Return a network of two linear stages and a head for pictures of two pixels."""
    torch.manual_seed(seed)
    stages = {
        "first": nn.Sequential(nn.Flatten(), nn.Linear(6, 4), nn.Tanh()),
        "second": nn.Linear(4, 4),
    }
    head = nn.Linear(4, len(classes))
    return StagedModel("toy", Preprocess([127] * 3, [60] * 3, None), stages, head, classes, "none")


def pictures(number: int = 300, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (number, 3, 1, 2), generator=generator, dtype=torch.uint8)


def task_of(inputs: Tensor, classes: str = "ab") -> Task:
    split = Split(inputs, torch.arange(len(inputs)) % len(classes))
    return Task("toy", tuple(classes), split, split, split, "a generator")


def moved(model: StagedModel, by: float = 0.1) -> StagedModel:
    """Return a copy whose every parameter is elsewhere."""
    model = deepcopy(model)
    generator = torch.Generator().manual_seed(9)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += by * torch.randn(parameter.shape, generator=generator)
    return model


def finite_difference(penalty: Callable[[], Tensor], at: Tensor, index: int) -> float:
    """Return the slope of the penalty in one weight, from a step to either side."""
    sides = []
    for step in (0.05, -0.05):
        at.data.view(-1)[index] += step
        sides.append(penalty().item())
        at.data.view(-1)[index] -= step
    return (sides[0] - sides[1]) / 0.1


# --- L2-SP ------------------------------------------------------------------------------------


def test_l2sp_is_half_the_strength_times_the_squared_distance_of_the_stages() -> None:
    model = toy()
    penalty = L2SP(model, strength=3.0)
    there = moved(model)
    pairs = zip(there.stages.parameters(), model.stages.parameters(), strict=True)
    distance = sum((a - b).square().sum().item() for a, b in pairs)
    assert penalty(there, None, None).item() == pytest.approx(1.5 * distance)
    penalty(there, None, None).backward()
    for a, b in zip(there.stages.parameters(), model.stages.parameters(), strict=True):
        torch.testing.assert_close(a.grad, 3.0 * (a - b).detach())
    assert there.head.weight.grad is None  # the head is free


def test_l2sp_remembers_the_start_and_not_the_model() -> None:
    model = toy()
    penalty = L2SP(model, strength=1.0)
    model.stages.second.bias.data += 2
    assert penalty(model, None, None).item() == pytest.approx(0.5 * 4 * 4)
    freeze(model, "second")
    assert penalty(model, None, None).item() == 0  # what is frozen is not pulled


# --- EWC --------------------------------------------------------------------------------------


def test_fisher_information_where_it_is_known_exactly() -> None:
    """With stage outputs of 0 both labels have p = 1/2, so whichever is drawn, for a weight
    W[i, j] the squared gradient is (1/2 * (head[0, i] - head[1, i]) * x[j])²."""
    torch.manual_seed(0)
    stage = nn.Sequential(nn.Flatten(), nn.Linear(6, 4))
    nn.init.zeros_(stage[1].weight)
    nn.init.zeros_(stage[1].bias)
    head = nn.Linear(4, 2, bias=False)
    preprocess = Preprocess([127] * 3, [60] * 3, None)
    model = StagedModel("toy", preprocess, {"only": stage}, head, "ab", "none")
    fisher = fisher_information(model, task_of(pictures(50)), samples=50)
    x = preprocess(pictures(50)).flatten(1)
    slope = (head.weight[0] - head.weight[1]).detach().square() / 4
    torch.testing.assert_close(fisher["only.1.weight"], slope[:, None] * x.square().mean(0))
    torch.testing.assert_close(fisher["only.1.bias"], slope)
    assert fisher.keys() == {"only.1.weight", "only.1.bias"}


def expected_fisher(model: StagedModel, inputs: Tensor) -> dict[str, Tensor]:
    """Sum over all labels, weighted by their probability: what drawing labels comes to."""
    parameters = {f"stages.{n}": p.detach() for n, p in model.stages.named_parameters()}

    def log_probabilities(values: dict[str, Tensor], image: Tensor) -> Tensor:
        return functional_call(model, values, (image[None],)).log_softmax(1)[0]

    slopes = vmap(jacrev(log_probabilities), in_dims=(None, 0))(parameters, inputs)
    p = model(inputs).softmax(1).detach()
    return {
        name.removeprefix("stages."): torch.einsum("nk,nk...->...", p, slope.detach().square())
        / len(inputs)
        for name, slope in slopes.items()
    }


def test_fisher_information_is_the_expectation_within_sampling_error() -> None:
    model, inputs = toy("abc"), pictures(1500)
    given = fisher_information(model, task_of(inputs, "abc"), samples=1500)
    wanted = expected_fisher(model, inputs)
    assert given.keys() == wanted.keys()
    for name in wanted:
        torch.testing.assert_close(given[name], wanted[name], rtol=0.25, atol=5e-4)
    total = sum(float(f.sum()) for f in given.values())
    assert total == pytest.approx(sum(float(f.sum()) for f in wanted.values()), rel=0.06)


def test_fisher_information_is_of_so_many_images_drawn_by_the_seed() -> None:
    model, task = toy(), task_of(pictures())
    first, again, other = (
        fisher_information(model, task, samples=20, seed=seed)["second.weight"]
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_fisher_information_leaves_the_model_as_it_was() -> None:
    model = freeze(load_backbone("small_vgg", weights="random").train(), through="block2")
    before = {name: t.clone() for name, t in model.state_dict().items()}
    task = load_task("digits", shots=1)
    fisher = fisher_information(model, task, samples=5)
    assert all(torch.equal(t, before[name]) for name, t in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    assert model.training
    assert not model.stages.block1[0].weight.requires_grad
    whole = fisher_information(unfreeze(model), task, samples=5)  # frozen stages are in it too
    assert all(torch.equal(fisher[name], whole[name]) for name in whole)


def test_ewc_pulls_every_weight_by_its_fisher_information() -> None:
    model = toy()
    ewc = EWC(model, task_of(pictures()), strength=7.0, samples=30)
    assert ewc(model, None, None).item() == 0
    there = moved(model)
    fisher = fisher_information(model, task_of(pictures()), samples=30)
    start = dict(model.stages.named_parameters())
    wanted = sum(
        (fisher[name] * (p - start[name]).square()).sum().item() * 3.5
        for name, p in there.stages.named_parameters()
    )
    assert ewc(there, None, None).item() == pytest.approx(wanted, rel=1e-5)
    assert there.head.weight.grad is None


@pytest.mark.parametrize("remedy", [
    lambda model: L2SP(model, strength=2.0),
    lambda model: EWC(model, task_of(pictures()), strength=100.0, samples=30),
    lambda model: Distillation(model, strength=2.0),
    lambda model: Replay(task_of(pictures(1)), strength=2.0),
], ids=["L2SP", "EWC", "Distillation", "Replay"])  # fmt: skip
@pytest.mark.parametrize("index", [0, 7, 23])
def test_the_gradient_is_the_finite_difference(remedy, index: int) -> None:
    penalty, there = remedy(toy()), moved(toy())
    weight = there.stages.first[1].weight

    def value() -> Tensor:
        return penalty(there, pictures(20), there(pictures(20)))

    value().backward()
    with torch.no_grad():
        slope = finite_difference(value, weight, index)
    assert weight.grad.view(-1)[index].item() == pytest.approx(slope, rel=0.02, abs=1e-3)


# --- distillation -----------------------------------------------------------------------------


def test_distillation_is_the_softened_cross_entropy_times_the_temperature_squared() -> None:
    old, inputs = toy(), pictures(20)
    new = moved(old, by=0.5)
    given = Distillation(old, strength=0.7, temperature=3.0)(new, inputs, new(inputs))
    wanted, said = old(inputs) / 3, new(inputs) / 3
    cross_entropy = F.cross_entropy(said, wanted.softmax(1))  # torch's own, with soft labels
    assert given.item() == pytest.approx(0.7 * 9 * cross_entropy.item(), rel=1e-5)


def test_distillation_has_no_gradient_where_it_starts() -> None:
    model, inputs = toy(), pictures(20)
    Distillation(model, strength=1.0)(model, inputs, model(inputs)).backward()
    assert max(p.grad.abs().max() for p in model.parameters()) < 1e-6


def test_distillation_asks_the_old_head_where_the_new_one_has_other_classes() -> None:
    old, inputs = toy("ab"), pictures(20)
    new = with_head(moved(old), ["x", "y", "z"])
    penalty = Distillation(old, strength=1.0)
    through_old_head = old.head(new.stages(new.preprocess(inputs)))
    wanted = penalty(old, inputs, through_old_head)
    assert penalty(new, inputs, new(inputs)).item() == pytest.approx(wanted.item(), rel=1e-6)
    penalty(new, inputs, new(inputs)).backward()
    assert new.head.weight.grad is None
    assert new.stages.second.weight.grad is not None


def test_distillation_keeps_the_old_model_whatever_becomes_of_it() -> None:
    model, inputs = toy(), pictures(20)
    penalty = Distillation(model, strength=1.0)
    said = moved(model)(inputs)
    before = penalty(model, inputs, said).item()
    model.head.weight.data += 1
    assert penalty(model, inputs, said).item() == before
    assert model.head.weight.requires_grad


# --- replay -----------------------------------------------------------------------------------


def test_replay_is_the_plain_loss_on_source_images() -> None:
    one = pictures(1).repeat(4, 1, 1, 1)  # whatever is drawn, it is this image
    task = Task("one", ("a", "b"), *[Split(one, torch.ones(4, dtype=torch.int64))] * 3, "")
    model = toy()
    wanted = F.cross_entropy(model(one[:1]), torch.tensor([1])).item()
    assert Replay(task, strength=0.4)(model, None, None).item() == pytest.approx(0.4 * wanted)
    backwards = toy("ba")  # classes go by their names
    wanted = F.cross_entropy(backwards(one[:1]), torch.tensor([0])).item()
    assert Replay(task)(backwards, None, None).item() == pytest.approx(wanted)
    head = nn.Linear(4, 2)
    scores = head(model.stages(model.preprocess(one[:1])))
    wanted = F.cross_entropy(scores, torch.tensor([1])).item()
    other = with_head(model, ["x", "y", "z"])
    assert Replay(task, head=head)(other, None, None).item() == pytest.approx(wanted)


def test_replay_draws_so_many_training_images_by_its_seed() -> None:
    model, task = toy(), task_of(pictures())
    seen: list[Tensor] = []
    model.preprocess.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    first, again, other = (Replay(task, images=12, seed=seed) for seed in (1, 1, 2))
    for penalty in (first, first, again, other):
        penalty(model, None, None)
    assert {len(images) for images in seen} == {12}
    source = {image.numpy().tobytes() for image in task.train.inputs}
    assert all(image.numpy().tobytes() in source for images in seen for image in images)
    assert torch.equal(seen[0], seen[2])
    assert not torch.equal(seen[0], seen[1])
    assert not torch.equal(seen[0], seen[3])


def test_replay_of_classes_the_model_has_not_asks_for_their_head() -> None:
    with pytest.raises(ValueError, match=r"no output for a, b.*head="):
        Replay(task_of(pictures()))(toy("xy"), None, None)


# --- together ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_remedy_forgets_less_than_none() -> None:
    source, target = load_task("digits_0_4"), load_task("digits_5_9")
    remedies: dict[str, Callable[[StagedModel], object]] = {
        "none": lambda old: None,
        "L2-SP": lambda old: L2SP(old, strength=10.0),
        "EWC": lambda old: EWC(old, source, strength=1e5, samples=100),
        "distillation": lambda old: Distillation(old, strength=4.0),
        "replay": lambda old: Replay(source, head=old.head),
    }
    forgotten: dict[str, list[float]] = {way: [] for way in remedies}
    quiet = {"progress": False, "device": "cpu"}
    for seed in range(4):
        backbone = load_backbone("small_vgg", weights="random", seed=seed)
        old = with_head(backbone, source.classes, seed=seed)
        fit(old, source, epochs=4, lr=2e-3, seed=seed, **quiet)
        for way, remedy in remedies.items():
            new, watch = with_head(old, target.classes, seed=seed), {"source": (source, old.head)}
            run = {"penalty": remedy(old), "watch": watch, "seed": seed, "epochs": 4, "lr": 1e-3}
            kept = fit(new, target, **run, **quiet)["source_accuracy"]
            forgotten[way].append(kept[0] - kept[-1])
    lost = {way: np.mean(found) for way, found in forgotten.items()}
    assert lost["none"] > 0.3  # there is something to remedy
    assert all(lost[way] < lost["none"] - 0.05 for way in remedies if way != "none"), lost
