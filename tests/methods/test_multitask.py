"""Joint training against plain PyTorch and `fit`; what is shared is shared, and no more."""

import json
from copy import deepcopy
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import cs826tl as tl
from cs826tl.data.loading import few_shot, load_task
from cs826tl.data.questions import ask, relabel
from cs826tl.data.tasks import Split, Task
from cs826tl.methods import multitask
from cs826tl.methods.multitask import fit_together, joint_optimizer, with_bottleneck, with_heads
from cs826tl.networks.heads import with_head
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel
from cs826tl.training.codes import encode
from cs826tl.training.evaluation import evaluate
from cs826tl.training.fitting import fit
from cs826tl.training.freezing import freeze

DIGITS = load_task("digits", shots=10)
QUESTIONS = {name: ask(DIGITS, name) for name in ("digit", "loop")}


def backbone() -> StagedModel:
    return load_backbone("small_vgg", weights="random")


def parameters(model: nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])  # a copy


def toy() -> StagedModel:
    torch.manual_seed(0)
    stages = {"first": nn.Sequential(nn.Linear(5, 4), nn.Tanh())}
    return StagedModel("toy", nn.Identity(), stages, nn.Linear(4, 2), "ab", "none")


def task_of(inputs: Tensor, classes: str) -> Task:
    split = Split(inputs, torch.arange(len(inputs)) % len(classes))
    return Task("toy", tuple(classes), split, split, split, "a generator")


def toy_tasks() -> dict[str, Task]:
    """Return two tasks; the second has one example, so that it does not matter which is drawn."""
    generator = torch.Generator().manual_seed(0)
    many = torch.randn(12, 5, generator=generator)
    one = torch.randn(1, 5, generator=generator)
    return {"one": task_of(one, "abc"), "many": task_of(many, "xy")}


def test_the_stages_are_shared_and_the_heads_are_not() -> None:
    start = backbone()
    before = parameters(start)
    models = with_heads(start, QUESTIONS, seed=3)
    digit, loop = models.values()
    assert list(models) == list(QUESTIONS)
    assert digit.stages is loop.stages
    assert digit.preprocess is loop.preprocess
    assert digit.head is not loop.head
    assert [m.classes for m in models.values()] == [t.classes for t in QUESTIONS.values()]
    assert torch.equal(parameters(digit.stages), parameters(start.stages))
    with torch.no_grad():
        next(loop.stages.parameters()).add_(1)
    assert torch.equal(parameters(digit.stages), parameters(loop.stages))
    assert torch.equal(parameters(start), before)


def test_heads_of_one_shape_begin_at_different_weights() -> None:
    tasks = {name: ask(DIGITS, name) for name in ("odd", "loop")}
    odd, loop = with_heads(backbone(), tasks).values()
    assert not torch.equal(parameters(odd.head), parameters(loop.head))


def test_one_head_alone_is_fit() -> None:
    task = QUESTIONS["digit"]
    alone = with_head(backbone(), task.classes, seed=5)
    expected = fit(alone, task, epochs=2, seed=4, progress=False)
    models = with_heads(backbone(), {"digit": task}, seed=5)
    found = fit_together(models, {"digit": task}, epochs=2, seed=4, progress=False)
    assert torch.equal(parameters(models["digit"]), parameters(alone))
    assert found["digit_accuracy"] == expected["validation_accuracy"]


@pytest.mark.parametrize(("one", "many"), [(1.0, 1.0), (3.0, 1.5)])
def test_it_follows_the_weighted_sum_of_the_losses(one: float, many: float) -> None:
    tasks = toy_tasks()
    models = with_heads(toy(), tasks)
    trunk, heads = deepcopy(models["one"].stages), {k: deepcopy(m.head) for k, m in models.items()}
    both = nn.ModuleList([models["one"].stages, *(m.head for m in models.values())])
    fit_together(
        models, tasks, weights={"one": one, "many": many}, epochs=5, batch_size=12,
        optimizer=torch.optim.SGD(both.parameters(), lr=0.1), device="cpu", progress=False,
    )  # fmt: skip

    plain = nn.ModuleList([trunk, *heads.values()])
    optimizer = torch.optim.SGD(plain.parameters(), lr=0.1)
    for _ in range(5):
        losses = {
            name: F.cross_entropy(heads[name](trunk(task.train.inputs)), task.train.labels)
            for name, task in tasks.items()
        }
        optimizer.zero_grad()
        (losses["many"] + one / many * losses["one"]).backward()
        optimizer.step()
    torch.testing.assert_close(parameters(both), parameters(plain))


def test_only_the_ratio_of_the_weights_counts() -> None:
    found = []
    for weights in ({"one": 1.0, "many": 3.0}, {"one": 2.0, "many": 6.0}):
        models = with_heads(toy(), toy_tasks())
        fit_together(models, toy_tasks(), weights=weights, epochs=2, progress=False)
        found.append(parameters(models["one"]))
    assert torch.equal(*found)


def test_the_history_has_every_tasks_accuracy_on_its_validation_split() -> None:
    models = with_heads(backbone(), QUESTIONS)
    history = fit_together(models, QUESTIONS, epochs=3, progress=False)
    for name, task in QUESTIONS.items():
        expected = evaluate(models[name], task, "validation")
        assert history[f"{name}_accuracy"][-1] == pytest.approx(expected)
        assert len(history[f"{name}_accuracy"]) == 4


def test_an_epoch_is_one_pass_over_the_task_with_the_most_examples() -> None:
    tasks = {"few": load_task("digits", shots=1), "many": load_task("digits", shots=10)}
    models = with_heads(backbone(), tasks)
    optimizer, steps = joint_optimizer(models), []
    optimizer.register_step_post_hook(lambda *_: steps.append(1))
    fit_together(models, tasks, epochs=2, batch_size=25, optimizer=optimizer, progress=False)
    assert len(steps) == 2 * 4


def test_all_learn_and_a_seed_repeats() -> None:
    found = []
    for _ in range(2):
        models = with_heads(backbone(), QUESTIONS)
        history = fit_together(models, QUESTIONS, epochs=8, seed=1, progress=False)
        found.append(parameters(models["digit"]))
    assert history["digit_accuracy"][-1] > 0.5
    assert history["loop_accuracy"][-1] > 0.7
    assert torch.equal(*found)


def test_what_one_model_freezes_stays_for_all() -> None:
    models = with_heads(backbone(), QUESTIONS)
    freeze(models["digit"])
    before = deepcopy(models["loop"])
    fit_together(models, QUESTIONS, epochs=1, progress=False)
    stages = models["loop"].stages.state_dict()  # running statistics too
    assert all(torch.equal(stages[k], value) for k, value in before.stages.state_dict().items())
    assert not torch.equal(parameters(models["loop"].head), parameters(before.head))


def test_the_joint_optimizer_holds_every_parameter_once() -> None:
    models = with_heads(backbone(), QUESTIONS)
    held = [p for group in joint_optimizer(models).param_groups for p in group["params"]]
    wanted = {id(p) for model in models.values() for p in model.parameters()}
    assert len(held) == len(wanted)
    assert {id(p) for p in held} == wanted
    assert {group["lr"] for group in joint_optimizer(models, 0.02).param_groups} == {0.02}


def test_one_optimizer_through_all_epochs_keeps_its_momentum() -> None:
    def train(keep: bool) -> Tensor:
        models = with_heads(toy(), toy_tasks())
        optimizer = joint_optimizer(models)
        for _ in range(3):
            fit_together(
                models, toy_tasks(), epochs=1, optimizer=optimizer if keep else None, progress=False
            )
        assert {int(state["step"]) for state in optimizer.state.values()} == (
            {3} if keep else set()
        )
        return parameters(models["one"])

    assert not torch.equal(train(keep=True), train(keep=False))


def test_a_bottleneck_lets_only_so_many_numbers_through() -> None:
    start = backbone()
    model = with_bottleneck(start, 3, seed=2)
    assert list(model.parts) == [*list(start.parts)[:-1], "bottleneck", "head"]
    images = DIGITS.test.inputs[:5]
    code = encode(model, images)
    assert code.shape == (5, 3)
    wide = encode(start, images)
    torch.testing.assert_close(code, model.stages.bottleneck(wide).detach())
    assert model.classes == start.classes
    assert with_heads(model, QUESTIONS)["loop"].head.in_features == 3
    assert torch.equal(parameters(model), parameters(with_bottleneck(start, 3, seed=2)))
    assert not torch.equal(parameters(model), parameters(with_bottleneck(start, 3, seed=1)))
    assert list(start.parts)[-2] == "fc"


def test_drawing_heads_leaves_the_global_generator_alone() -> None:
    state = torch.get_rng_state()
    with_heads(with_bottleneck(backbone(), 3), QUESTIONS)
    assert torch.equal(torch.get_rng_state(), state)


def test_wrong_input_is_named() -> None:
    models = with_heads(backbone(), QUESTIONS)
    with pytest.raises(ValueError, match="there are no tasks"):
        with_heads(backbone(), {})
    with pytest.raises(ValueError, match="width=0"):
        with_bottleneck(backbone(), 0)
    with pytest.raises(
        ValueError, match=r"models are named \['digit', 'loop'\], tasks \['digit'\]"
    ):
        fit_together(models, {"digit": DIGITS})
    with pytest.raises(ValueError, match=r"weights \['digit'\]"):
        fit_together(models, QUESTIONS, weights={"digit": 1})
    for weight in (0.0, -1.0, float("nan")):
        with pytest.raises(ValueError, match=f"weight of 'loop' is {weight}"):
            fit_together(models, QUESTIONS, weights={"digit": 1, "loop": weight})
    strangers = {name: with_head(backbone(), t.classes) for name, t in QUESTIONS.items()}
    with pytest.raises(ValueError, match=r"do not share their stages: .*with_heads\(backbone"):
        fit_together(strangers, QUESTIONS)


def test_lecture_03_can_be_followed_into_its_own_question() -> None:
    """What *Your turn* proposes runs, in the lecture's own words."""
    cells = json.loads(Path("notebooks/03_multitask.ipynb").read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    (train,) = (text for text in texts if text.startswith("def train("))
    (alike,) = (text for text in texts if text.startswith("def alike("))
    (check,) = (text for text in texts if text.startswith("yes = ["))
    digits = load_task("digits")
    known = {"tl": tl, "multitask": multitask, "digits": digits, "torch": torch}
    known["questions"] = {"odd": ask(digits, "odd")}
    exec(train.replace("epochs=6", "epochs=1").replace("range(3)", "range(1)"), known)
    exec(alike, known)
    said: list[str] = []
    known["print"] = said.append
    for yes in ("[]", "[2]", "[1, 2, 5, 6]"):
        exec(check.replace("[]", yes, 1), known)
    assert said[0] != said[1] != said[2] == "✓"
    assert "[2, 4]" in said[0]
    assert "[2, 4]" not in said[1]
    known["questions"]["mine"] = relabel(
        digits, "mine", ("no", "yes"), lambda split: torch.isin(split.labels, torch.tensor([1, 2]))
    )
    assert 0 < known["right"]("odd", "mine") <= 1


def test_a_class_without_examples_is_named() -> None:
    same = relabel(DIGITS, "same", ("no", "yes"), lambda split: torch.zeros(len(split)))
    with pytest.raises(ValueError, match="same has no training example of class 'yes'"):
        few_shot(same, 5)
