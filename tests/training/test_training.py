"""`fit` against a plain PyTorch loop, written out below: same seed, same weights, no codes."""

import inspect
import math
import warnings
from collections.abc import Callable
from unittest.mock import MagicMock

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from cs826tl.data.loading import load_task
from cs826tl.data.tasks import Split, Task
from cs826tl.networks.heads import with_head
from cs826tl.networks.preprocessing import Preprocess
from cs826tl.networks.published import load_backbone
from cs826tl.networks.staging import StagedModel, staged
from cs826tl.training import batches, codes, storage
from cs826tl.training.adapters import add_lora
from cs826tl.training.auditing import audit, snapshot
from cs826tl.training.batches import FIRST
from cs826tl.training.costs import stage_seconds
from cs826tl.training.evaluation import evaluate
from cs826tl.training.fitting import fit
from cs826tl.training.freezing import freeze, frozen_stages
from cs826tl.training.history import Doing, History
from cs826tl.training.loop import Training
from cs826tl.training.optimizers import param_groups
from cs826tl.training.plans import Plan
from tests.networks.test_staging import Branching

Optimizer = torch.optim.Optimizer
Penalty = Callable[[StagedModel, Tensor, Tensor], Tensor]
TASK = load_task("digits", shots=8)  # 80 images


@pytest.fixture(autouse=True)
def _codes_of_its_own(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))


@pytest.fixture
def unfolded(monkeypatch) -> None:
    """Leave batch normalisation where it is: comparing with it runs two images once more."""
    monkeypatch.setattr(batches, "quicker", lambda network, *_: network)


def vgg(*frozen: str, through: str | None = None) -> StagedModel:
    model = load_backbone("small_vgg", weights="random")
    return freeze(model, *frozen, through=through) if frozen or through else model


def adamw(model: StagedModel, eps: float = 1e-8) -> Optimizer:
    return torch.optim.AdamW(model.parameters(), lr=1e-3, eps=eps)


def steady_adamw(model: StagedModel) -> Optimizer:
    """Make one that does not blow up the rounding of a gradient near zero into a whole step."""
    return adamw(model, eps=1e-4)


def momentum(model: StagedModel) -> Optimizer:
    return torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=0.01)


def plain_loop(
    model: StagedModel,
    task: Task,
    make: Callable[[StagedModel], Optimizer] = adamw,
    *,
    epochs: int = 2,
    batch_size: int = 32,
    seed: int = 0,
    penalty: Penalty | None = None,
) -> list[tuple[float, float]]:
    """Train as in any tutorial; return the mean loss and the accuracy of every epoch."""
    model.to(memory_format=torch.channels_last)  # else PyTorch adds up in another order
    optimizer = make(model)
    torch.manual_seed(seed)
    shuffle = torch.Generator().manual_seed(seed)
    rows_of_history = []
    for _ in range(epochs):
        for part in model.parts.values():
            part.train(any(p.requires_grad for p in part.parameters()))
        loss_sum = right = 0.0
        for rows in torch.randperm(len(task.train), generator=shuffle).split(batch_size):
            inputs, labels = task.train.inputs[rows], task.train.labels[rows]
            outputs = model(inputs.contiguous(memory_format=torch.channels_last))
            loss = F.cross_entropy(outputs, labels)
            if penalty is not None:
                loss = loss + penalty(model, inputs, outputs)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            loss_sum += loss.item() * len(rows)
            right += (outputs.argmax(1) == labels).sum().item()
        rows_of_history.append((loss_sum / len(task.train), right / len(task.train)))
    return rows_of_history


def assert_same_weights(given: nn.Module, wanted: nn.Module, tolerance: float = 1e-5) -> None:
    for (name, a), b in zip(given.state_dict().items(), wanted.state_dict().values(), strict=True):
        torch.testing.assert_close(
            a, b, rtol=tolerance, atol=tolerance, msg=lambda m, n=name: f"{n}: {m}"
        )


def quick_fit(model: StagedModel, task: Task = TASK, **options) -> History:
    return fit(model, task, **{"epochs": 2, "progress": False, "device": "cpu"} | options)


def without_time(history: History) -> list[dict[str, float]]:
    return [{k: v for k, v in row.items() if k != "seconds"} for row in history.rows]


def state(model: nn.Module) -> dict[str, Tensor]:
    return {name: t.clone() for name, t in model.state_dict().items()}


# --- the plain loop is the oracle -------------------------------------------------------------


@pytest.mark.parametrize("make", [steady_adamw, momentum])
@pytest.mark.parametrize("frozen", [
    (), ("block1",), ("block1", "block2"), ("block1", "block2", "block3", "fc"),
    ("block1", "block3"), ("block2", "head"),
], ids=", ".join)  # fmt: skip
def test_fit_is_the_plain_loop(frozen: tuple[str, ...], make) -> None:
    given, wanted = vgg(*frozen), vgg(*frozen)
    history = quick_fit(given, optimizer=make(given))
    rows = plain_loop(wanted, TASK, make)
    assert_same_weights(given, wanted)
    assert history["epoch"] == [0, 1, 2]
    assert history["loss"][1:] == pytest.approx([loss for loss, _ in rows], rel=1e-4)
    assert history["accuracy"][1:] == pytest.approx([right for _, right in rows])


def test_fit_brings_adamw_over_everything_at_the_rate_given() -> None:
    given, wanted = vgg(), vgg()
    quick_fit(given, lr=1e-3, batch_size=7, seed=5)
    plain_loop(wanted, TASK, batch_size=7, seed=5)
    assert_same_weights(given, wanted)


def test_every_part_trains_at_its_own_rate() -> None:
    rates = {"block1": 0.0, "block2": 1e-4, "block3": 1e-4, "fc": 0.0, "head": 1e-2}
    given, wanted = vgg(), vgg()
    quick_fit(given, lr=rates)
    plain_loop(wanted, TASK, lambda model: torch.optim.AdamW(param_groups(model, rates)))
    assert_same_weights(given, wanted)
    assert torch.equal(given.stages.fc[2].weight, vgg().stages.fc[2].weight)


@pytest.mark.slow
@pytest.mark.parametrize("through", [None, "stage6", "stage9"])
def test_fit_is_the_plain_loop_on_efficientnet_lite0(through: str | None, monkeypatch) -> None:
    monkeypatch.delenv("CS826TL_HOME")  # the weights are in the real cache
    task = load_task("textures", shots=8)
    backbone = load_backbone("efficientnet_lite0", size=64)
    given, wanted = (with_head(backbone, task.classes) for _ in range(2))
    for model in (given, wanted):
        if through:
            freeze(model, through=through)
    fewer = Split(task.validation.inputs[::20], task.validation.labels[::20])
    small = Task(task.name, task.classes, task.train, fewer, fewer, task.origin)
    quick_fit(given, small, epochs=1, batch_size=12, optimizer=steady_adamw(given))
    plain_loop(wanted, task, steady_adamw, epochs=1, batch_size=12)
    assert_same_weights(given, wanted)


@pytest.mark.parametrize(
    ("memory", "disk"), [(0, 2**30), (0, 0)], ids=["codes in a file", "no room for codes"]
)
def test_where_codes_are_kept_makes_no_difference(monkeypatch, memory: int, disk: int) -> None:
    wanted = vgg(through="block2")
    in_memory = quick_fit(wanted)
    codes.clear_codes()
    monkeypatch.setattr(storage, "MEMORY_BUDGET", memory)
    monkeypatch.setattr(storage, "DISK_BUDGET", disk)
    given = vgg(through="block2")
    history = quick_fit(given)
    assert_same_weights(given, wanted)
    assert history["validation_accuracy"] == pytest.approx(in_memory["validation_accuracy"])


def test_frozen_stages_are_run_once_for_every_image(unfolded) -> None:
    codes.clear_codes()
    model = vgg(through="block3")
    seen: list[int] = []
    model.stages.block1.register_forward_hook(lambda _, inputs, __: seen.append(len(inputs[0])))
    quick_fit(model, epochs=5)
    images = len(TASK.train) + len(TASK.validation)
    assert sum(seen) == images + 1  # one more to see how large codes are
    quick_fit(model, epochs=5, seed=1)
    assert sum(seen) == images + 1 + 2 * FIRST  # some again, to see that the codes are right


# --- by a plan --------------------------------------------------------------------------------


PARTS = ("block1", "block2", "block3", "fc", "head")
UNFREEZING = [("head",), ("fc", "head"), ("block3", "fc", "head"), PARTS[1:], PARTS]
CHAIN_THAW = [("fc", "head"), ("block1",), ("block2",), ("block2", "head"), ("head",), ("fc",)]


def plan_of(awake: list[tuple[str, ...]]) -> Plan:
    """Return a plan in which every part has another rate at every step."""
    draw = np.random.default_rng(0).uniform(5e-4, 2e-3, (len(awake), 3, len(PARTS)))
    return Plan(PARTS, draw * [[[part in names for part in PARTS]] for names in awake])


def loop_by_plan(
    model: StagedModel, awake: list[tuple[str, ...]], rates: np.ndarray, make
) -> list[float]:
    """Train as in any tutorial that unfreezes; return validation accuracy after each epoch."""
    model.to(memory_format=torch.channels_last)
    optimizer = make(model)
    shuffle = torch.Generator().manual_seed(0)
    accuracies = []
    for names, epoch_rates in zip(awake, rates, strict=True):
        for name, part in model.parts.items():
            part.train(name in names).requires_grad_(name in names)
        batches = torch.randperm(80, generator=shuffle).split(32)
        for rows, step_rates in zip(batches, epoch_rates, strict=True):
            for group, rate in zip(optimizer.param_groups, step_rates, strict=True):
                group["lr"] = rate
            inputs = TASK.train.inputs[rows].contiguous(memory_format=torch.channels_last)
            optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(model(inputs), TASK.train.labels[rows]).backward()
            optimizer.step()
        right = answers(model, TASK.validation.inputs).argmax(1) == TASK.validation.labels
        accuracies.append(right.float().mean().item())
    return accuracies


def named(optimizer: type[Optimizer], **options: float) -> Callable[[StagedModel], Optimizer]:
    return lambda model: optimizer(param_groups(model, 1.0), **options)


@pytest.mark.parametrize(
    "make",
    [named(torch.optim.AdamW, eps=1e-4), named(torch.optim.SGD, momentum=0.9, weight_decay=0.1)],
    ids=["AdamW", "momentum"],
)
@pytest.mark.parametrize("awake", [UNFREEZING, CHAIN_THAW, UNFREEZING[::-1]])
def test_a_plan_is_the_plain_loop(awake: list[tuple[str, ...]], make) -> None:
    plan = plan_of(awake)
    given, wanted = vgg(), vgg()
    history = quick_fit(given, epochs=None, plan=plan, optimizer=make(given))
    accuracies = loop_by_plan(wanted, awake, plan.rates, make)
    assert_same_weights(given, wanted)
    assert history["validation_accuracy"][1:] == pytest.approx(accuracies)
    assert history["epoch"] == list(range(len(awake) + 1))


def test_a_plan_brings_its_own_adamw() -> None:
    plan, given, wanted = plan_of(UNFREEZING), vgg(), vgg()
    quick_fit(given, epochs=None, plan=plan)
    loop_by_plan(wanted, UNFREEZING, plan.rates, named(torch.optim.AdamW))
    assert_same_weights(given, wanted, tolerance=1e-4)


def test_in_every_epoch_exactly_what_the_plan_says_moves() -> None:
    model, plan, audits = vgg(), plan_of(CHAIN_THAW), []
    for step in Training(model, TASK, plan=plan, device="cpu"):
        if step.doing is Doing.BEGIN_EPOCH:
            before = snapshot(model)
        elif step.row and step.row["epoch"]:
            audits.append(audit(model, before))
    assert len(audits) == len(CHAIN_THAW)
    for names, found in zip(CHAIN_THAW, audits, strict=True):
        assert set(found.index[found["verdict"] == "trainable, moved"]) == set(names)
        assert set(found.index[found["verdict"] == "frozen, did not move"]) == set(PARTS) - {*names}


def test_codes_of_every_prefix_are_run_once_and_for_all_seeds(unfolded) -> None:
    def run(seed: int) -> None:
        model = vgg()
        model.stages.block1.register_forward_hook(lambda _, inputs, __: seen.append(len(inputs[0])))
        quick_fit(model, epochs=None, plan=plan_of(UNFREEZING[:-1] + UNFREEZING[:1]), seed=seed)

    codes.clear_codes()
    seen: list[int] = []
    run(seed=0)
    images = len(TASK.train) + len(TASK.validation)
    # four prefixes; the last epoch has the first one's, whose stages have changed in between. For
    # each prefix one image more, to see how large its codes are.
    assert sum(seen) == 5 * images + 4
    run(seed=1)
    assert sum(seen) == 6 * images + 4 + 2 * 4 * FIRST


def test_watched_tasks_follow_the_plan() -> None:
    low, model = load_task("digits_0_4"), vgg()
    history = quick_fit(model, epochs=None, plan=plan_of(UNFREEZING), watch={"low": low})
    assert history["low_accuracy"][-1] == evaluate(model, low, "validation")
    assert history["validation_accuracy"][-1] == evaluate(model, TASK, "validation")


def test_a_plan_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    model, plan = vgg(through="block1"), plan_of(UNFREEZING)
    for wrong in ({"epochs": 5}, {"epochs": None, "lr": 1e-3}):
        with pytest.raises(ValueError, match="leave out epochs and lr"):
            quick_fit(model, plan=plan, **wrong)
    with pytest.raises(ValueError, match="has 3 batches per epoch, this training 5"):
        quick_fit(model, epochs=None, plan=plan, batch_size=16)
    with pytest.raises(ValueError, match="no group named"):
        quick_fit(model, epochs=None, plan=plan, optimizer=adamw(model))
    assert frozen_stages(model) == ("block1",)


def test_the_bar_counts_training_and_not_the_codes_of_what_wakes(monkeypatch) -> None:
    bars = []

    def bar(*_: object, **options: object) -> MagicMock:
        bars.append(MagicMock(total=options.get("total")))
        return bars[-1]

    codes.clear_codes()
    monkeypatch.setattr("cs826tl.training.fitting.progress_bar", bar)
    quick_fit(vgg(), epochs=None, plan=plan_of(UNFREEZING))
    first, second = ([call.args[0] for call in b.update.call_args_list] for b in bars)
    assert sum(first) == len(TASK.train) + len(TASK.validation)
    assert sum(second) == bars[1].total == len(UNFREEZING) * len(TASK.train)


# --- the same under the same seed -------------------------------------------------------------


def test_the_seed_decides_and_nothing_else() -> None:
    runs = []
    for seed, noise in ((3, 1), (3, 2), (4, 1)):
        torch.manual_seed(noise)
        model = vgg(through="block1")
        runs.append((without_time(quick_fit(model, seed=seed)), model))
    (first, one), (again, same), (other, _) = runs
    assert repr(first) == repr(again)  # as text, since NaN is not itself
    assert_same_weights(one, same, tolerance=0)
    assert repr(first) != repr(other)


def fit_anything() -> None:
    quick_fit(vgg())


def stage_what_cannot_be_cut() -> None:
    scaling = Preprocess([127.5], [127.5], size=28)
    staged(Branching(), classes=[str(k) for k in range(10)], preprocess=scaling)


@pytest.mark.parametrize("verb", [fit_anything, stage_what_cannot_be_cut])
def test_two_cards_are_no_reason_to_warn(monkeypatch, verb: Callable[[], None]) -> None:
    forked: list[int] = []
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_rng_state", forked.append)
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda state, card: None)
    monkeypatch.setattr(torch.random, "_fork_rng_warned_already", False, raising=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verb()
    assert set(forked) == {0, 1}


def test_the_learners_generator_is_left_alone() -> None:
    torch.manual_seed(11)
    wanted = torch.rand(3)
    torch.manual_seed(11)
    quick_fit(vgg())
    assert torch.equal(torch.rand(3), wanted)


def test_what_is_drawn_between_two_steps_changes_nothing() -> None:
    torch.manual_seed(11)
    wanted = [torch.rand(1).item() for _ in range(3)]
    given, plain = with_layer(nn.Dropout(0.5)), with_layer(nn.Dropout(0.5))
    torch.manual_seed(11)
    drawn = [torch.rand(1).item() for _ in Training(given, TASK, epochs=2, device="cpu")]
    assert drawn[:3] == wanted
    plain_loop(plain, TASK)
    assert_same_weights(given, plain)


# --- what is frozen stays ---------------------------------------------------------------------


@pytest.mark.parametrize("frozen", [("block1", "block2"), ("block2", "fc"), ("block3",)])
def test_frozen_tensors_and_statistics_are_bit_identical(frozen: tuple[str, ...]) -> None:
    model = vgg()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    quick_fit(model, epochs=1, optimizer=optimizer)  # fills momentum and old gradients
    freeze(model, *frozen)
    before = state(model)
    quick_fit(model, epochs=2, optimizer=optimizer)
    for name, tensor in model.state_dict().items():
        stage = name.split(".")[-3] if name.startswith("stages") else "head"
        assert torch.equal(tensor, before[name]) is (stage in frozen), name


def with_layer(layer: nn.Module) -> StagedModel:
    """Return a network whose second stage holds the layer, which draws or counts in training."""
    torch.manual_seed(0)
    stages = {
        "first": nn.Sequential(nn.Flatten(), nn.Linear(3 * 64, 16)),
        "second": nn.Sequential(nn.Linear(16, 16), layer),
    }
    preprocess = load_backbone("small_vgg", weights="random").preprocess
    return StagedModel("toy", preprocess, stages, nn.Linear(16, 10), TASK.classes, "none")


@pytest.mark.parametrize("frozen", [("second",), ("first", "second")])
def test_dropout_in_a_frozen_stage_does_not_act(frozen: tuple[str, ...]) -> None:
    dropping, plain = with_layer(nn.Dropout(0.9)), with_layer(nn.Identity())
    for model in (dropping, plain):
        quick_fit(freeze(model, *frozen))
    assert_same_weights(dropping, plain, tolerance=0)
    dropping, plain = with_layer(nn.Dropout(0.9)), with_layer(nn.Identity())
    for model in (dropping, plain):
        quick_fit(model)
    assert not torch.equal(dropping.head.weight, plain.head.weight)  # in a trainable one it does


def test_dropout_in_a_trainable_stage_draws_as_in_the_plain_loop() -> None:
    given, wanted = (freeze(with_layer(nn.Dropout(0.5)), "first") for _ in range(2))
    quick_fit(given)
    plain_loop(wanted, TASK)
    assert_same_weights(given, wanted)


def test_adapters_dropout_a_penalty_and_a_watched_head_together_are_the_plain_loop() -> None:
    def pull(model: StagedModel, inputs: Tensor, outputs: Tensor) -> Tensor:
        return 0.1 * outputs.square().mean() + inputs.float().mean() * outputs.mean() / 255

    given, wanted = (add_lora(with_layer(nn.Dropout(0.5)), "second", rank=2) for _ in range(2))
    watch = {"low": load_task("digits_0_4"), "own": (TASK, nn.Linear(16, 10))}
    history = quick_fit(given, penalty=pull, watch=watch, optimizer=steady_adamw(given), seed=4)
    rows = plain_loop(wanted, TASK, steady_adamw, penalty=pull, seed=4)
    assert_same_weights(given, wanted)
    assert history["loss"][1:] == pytest.approx([loss for loss, _ in rows], rel=1e-4)
    assert frozen_stages(given) == ("first",)  # whose codes were computed once


# --- what is measured -------------------------------------------------------------------------


@torch.no_grad()
def answers(model: StagedModel, inputs: Tensor, head: nn.Module | None = None) -> Tensor:
    model.eval()
    return (head or model.head)(model.stages(model.preprocess(inputs)))


@pytest.mark.parametrize("frozen", [None, "block2"])
@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_accuracy_is_the_share_of_right_answers(split: str, frozen: str | None) -> None:
    model, part = vgg(through=frozen), TASK.split(split)
    right = answers(model, part.inputs).argmax(1) == part.labels
    assert evaluate(model, TASK, split) == pytest.approx(right.float().mean().item())
    assert evaluate(model, TASK) == evaluate(model, TASK, "test")


def test_validation_is_measured_before_and_after_every_epoch() -> None:
    model = vgg()
    before = F.cross_entropy(answers(model, TASK.validation.inputs), TASK.validation.labels)
    history = quick_fit(model)
    after = F.cross_entropy(answers(model, TASK.validation.inputs), TASK.validation.labels)
    assert history["validation_loss"][0] == pytest.approx(before.item(), rel=1e-4)
    assert history["validation_loss"][-1] == pytest.approx(after.item(), rel=1e-4)
    assert history["validation_accuracy"][-1] == evaluate(model, TASK, "validation")
    assert math.isnan(history["loss"][0])
    assert 0 < history["seconds"][0] < history["seconds"][1] < history["seconds"][2]


def test_watched_tasks_are_measured_and_change_nothing() -> None:
    low, textures = load_task("digits_0_4"), load_task("textures", shots=2)
    torch.manual_seed(0)
    head = nn.Linear(128, 3)
    before = state(head)
    watch = {"all": TASK, "low": low, "surface": (textures, head)}
    model, alone = vgg(through="block1"), vgg(through="block1")
    first = [evaluate(model, task, "validation") for task in (TASK, low)]
    history = quick_fit(model, watch=watch)
    assert [history["all_accuracy"][0], history["low_accuracy"][0]] == first
    assert history["all_accuracy"] == history["validation_accuracy"]
    assert history["low_accuracy"][-1] == evaluate(model, low, "validation")
    right = answers(model, textures.validation.inputs, head).argmax(1) == textures.validation.labels
    assert history["surface_accuracy"][-1] == pytest.approx(right.float().mean().item())
    assert evaluate(model, textures, "validation", head=head) == history["surface_accuracy"][-1]
    assert all(torch.equal(t, before[name]) for name, t in head.state_dict().items())
    quick_fit(alone)
    assert_same_weights(model, alone, tolerance=0)


def test_classes_go_by_their_names_wherever_they_stand() -> None:
    high = load_task("digits_5_9", shots=8)
    model = with_head(vgg(), list("3456789012"))
    with torch.no_grad():
        model.head.weight.zero_()
        model.head.bias.copy_(F.one_hot(torch.tensor(4), 10))  # it always says "7"
    sevens = (high.validation.labels == high.classes.index("7")).float().mean().item()
    assert evaluate(model, high, "validation") == pytest.approx(sevens)
    before = model.head.bias.detach().clone()
    quick_fit(freeze(model), high, epochs=1)
    went_up = (model.head.bias.detach() > before).tolist()
    assert not any(went_up[k] for k in (0, 1, 7, 8, 9))  # 3, 4, 0, 1, 2 are not in the task


def test_a_penalty_is_added_to_the_loss() -> None:
    seen = []

    def penalty(model: StagedModel, inputs: Tensor, outputs: Tensor) -> Tensor:
        seen.append((inputs, outputs.detach()))
        return 0.3 * model.head.weight.square().sum()

    given, wanted = vgg(through="fc"), vgg(through="fc")
    history = quick_fit(given, penalty=penalty, epochs=1, batch_size=80)
    (inputs, outputs), *_ = seen
    assert inputs.dtype == torch.uint8
    torch.testing.assert_close(outputs, answers(vgg(), inputs))  # of the same images
    seen.clear()
    rows = plain_loop(wanted, TASK, penalty=penalty, epochs=1, batch_size=80)
    assert_same_weights(given, wanted)
    assert history["loss"][1] == pytest.approx(rows[0][0], rel=1e-5)


def test_steps_are_fit_batch_by_batch_for_whoever_looks_on() -> None:
    given, wanted = vgg(through="block1"), vgg(through="block1")
    images, rows = 0, []
    for step in Training(given, TASK, epochs=2, device="cpu"):
        assert torch.is_grad_enabled()  # measuring does not leak out
        images += step.images * (step.doing is Doing.TRAINING)
        rows += [step.row] if step.row else []
    assert images == 2 * len(TASK.train)
    assert repr(without_time(History(rows))) == repr(without_time(quick_fit(wanted)))
    assert_same_weights(given, wanted, tolerance=0)


# --- on a card, as far as it shows on the CPU -------------------------------------------------


class Reads(TorchDispatchMode):
    """Count how often the host reads a number, for which a card would have to be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None) -> object:
        names = ("_local_scalar_dense", "is_nonzero", "nonzero", "equal")
        self.number += any(f"aten::{name}" == operation.name().split(".")[0] for name in names)
        return operation(*args, **(kwargs or {}))


@pytest.mark.parametrize("through", [None, "block2", "fc"])
def test_no_number_is_read_while_an_epoch_trains(through: str | None) -> None:
    steps = Training(vgg(through=through), TASK, epochs=2, device="cpu")
    trained = 0
    with Reads() as reads:
        for step in steps:
            if step.doing is Doing.TRAINING:
                trained += step.images
                assert reads.number == 0
            reads.number = 0
        torch.ones(1).item()
    assert trained == 2 * len(TASK.train)
    assert reads.number == 1  # it does count


def test_every_split_is_brought_to_the_device_once(monkeypatch) -> None:
    brought = []

    def keep(inputs: Tensor, device: torch.device) -> Tensor:
        brought.append(len(inputs))
        return inputs

    monkeypatch.setattr("cs826tl.training.examples.keep", keep)
    quick_fit(vgg(), epochs=3)  # nothing is frozen: the images themselves
    assert brought == [len(TASK.train), len(TASK.validation)]


@pytest.mark.parametrize(
    ("compiled", "pays", "times"),
    [(True, False, 1), (False, True, 0), (None, True, 1), (None, False, 0)],
)
def test_compiling_is_measured_overridable_and_done_once(
    monkeypatch, compiled: bool | None, pays: bool, times: int
) -> None:
    calls = []
    monkeypatch.setattr(torch, "compile", lambda module: calls.append(1) or nn.Sequential(module))
    monkeypatch.setattr(
        "cs826tl.training.loop.compiling_pays", lambda device, left: pays and left > 0
    )
    given, wanted = vgg(), vgg()
    quick_fit(given, epochs=3, compiled=compiled)
    assert len(calls) == times
    plain_loop(wanted, TASK, epochs=3)
    assert_same_weights(given, wanted)


# --- modes ------------------------------------------------------------------------------------


def modes(*modules: nn.Module) -> list[bool]:
    return [part.training for module in modules for part in module.modules()]


@pytest.mark.parametrize("through", [None, "block2", "fc"])
def test_measuring_leaves_every_part_in_its_mode(through: str | None) -> None:
    model, head = vgg(through=through).train(), nn.Sequential(nn.Dropout(), nn.Linear(128, 10))
    model.stages.block2[1].eval()
    before = modes(model, head)
    evaluate(model, TASK)
    evaluate(model, TASK, head=head)
    stage_seconds(model, TASK.test.inputs[:2], repeats=1)
    assert modes(model, head) == before


def test_between_epochs_the_model_is_ready_to_predict_and_its_heads_keep_their_mode() -> None:
    model, head = with_layer(nn.Dropout(0.5)), nn.Sequential(nn.Dropout(), nn.Linear(16, 10))
    training = Training(model, TASK, epochs=2, device="cpu", watch={"own": (TASK, head)})
    during = {step.doing: set(modes(model)) for step in training}
    assert during[Doing.TRAINING] == {True}
    assert during[Doing.START] == during[Doing.END_EPOCH] == {False}
    assert all(modes(head))
    assert not any(modes(model))


def test_an_interrupted_model_is_ready_to_predict(monkeypatch) -> None:
    def interrupt(*_: object) -> Tensor:
        raise KeyboardInterrupt

    model = with_layer(nn.Dropout(0.5))
    quick_fit(model, penalty=interrupt)
    assert not any(modes(model))


def test_a_training_goes_on_where_the_loop_was_left() -> None:
    given, wanted = vgg(), vgg()
    training = Training(given, TASK, epochs=2, device="cpu")
    for step in training:
        if step.doing is Doing.TRAINING:
            break
    assert training.history["epoch"] == [0]
    assert sum(step.images for step in training) == 2 * len(TASK.train) - 32
    assert list(training) == []
    quick_fit(wanted)
    assert_same_weights(given, wanted, tolerance=0)
    assert training.history["epoch"] == [0, 1, 2]


def test_a_task_may_be_watched_under_any_other_name() -> None:
    history = quick_fit(vgg(), watch={"train": TASK, "": TASK})
    assert history["train_accuracy"] == history["_accuracy"] == history["validation_accuracy"]


def test_fit_and_training_take_the_same_arguments() -> None:
    assert inspect.signature(fit).parameters == inspect.signature(Training).parameters
    with pytest.raises(TypeError, match="unexpected keyword argument 'learning_rate'"):
        fit(vgg(), TASK, learning_rate=0.1)


# --- when it goes wrong -----------------------------------------------------------------------


def test_nothing_to_train_says_what_to_unfreeze() -> None:
    with pytest.raises(ValueError, match=r"every part is frozen: unfreeze\(model, 'head'\)"):
        quick_fit(freeze(vgg(), through="head"))


def test_an_optimizer_that_lacks_parameters_is_refused() -> None:
    model = vgg()
    some = torch.optim.SGD(model.head.parameters(), lr=0.1)
    with pytest.raises(ValueError, match=r"lacks 2[0-9] trainable .*param_groups\(model, lr=…\)"):
        quick_fit(model, optimizer=some)
    quick_fit(freeze(model), optimizer=some, epochs=1)  # what it lacks now is frozen


def test_other_classes_name_the_two_ways_out() -> None:
    textures = load_task("textures", shots=2)
    said = r"no output for brick, grass, gravel of task 'textures'.*with_head\(.*its own head"
    with pytest.raises(ValueError, match=said):
        quick_fit(vgg(), textures)
    with pytest.raises(ValueError, match=said):
        evaluate(vgg(), textures)
    with pytest.raises(ValueError, match=said):
        quick_fit(vgg(), watch={"surface": textures})


def test_a_loss_that_is_no_number_stops_with_the_reason() -> None:
    history = quick_fit(vgg(), lr=1e30, epochs=5)
    assert len(history.rows) < 6
    assert history.stopped.startswith(f"stopped in epoch {len(history.rows)}: the loss is ")
    assert history.stopped.endswith("try a smaller lr")
    assert all(math.isfinite(loss) for loss in history["validation_loss"][:1])


def test_an_infinite_penalty_stops_too() -> None:
    history = quick_fit(vgg(), penalty=lambda *_: torch.tensor(float("inf")))
    assert history.stopped == "stopped in epoch 1: the loss is inf; try a smaller lr"
    assert history["epoch"] == [0]


def test_an_interrupt_keeps_the_history_and_the_model() -> None:
    calls = []

    def interrupt(model: StagedModel, inputs: Tensor, outputs: Tensor) -> Tensor:
        calls.append(1)
        if len(calls) == 8:  # three batches an epoch: in the middle of the third epoch
            raise KeyboardInterrupt
        return torch.zeros(())

    torch.manual_seed(11)
    wanted = torch.rand(3)
    torch.manual_seed(11)
    given, whole = vgg(), vgg()
    history = quick_fit(given, epochs=9, penalty=interrupt)
    assert history.stopped == "interrupted after 2 epochs"
    assert torch.equal(torch.rand(3), wanted)
    assert repr(without_time(history)) == repr(without_time(quick_fit(whole, epochs=2)))
    assert not torch.equal(given.head.weight, whole.head.weight)  # one batch further


def test_an_interrupt_while_codes_are_run_leaves_a_history_that_can_be_shown() -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    codes.clear_codes()
    model = vgg(through="block2")
    model.stages.block2.register_forward_hook(interrupt)
    history = quick_fit(model)
    assert history.stopped == "interrupted after 0 epochs"
    assert "interrupted" in history._repr_html_()


@pytest.mark.parametrize("progress", [True, False])
def test_what_is_done_in_a_second_shows_no_bar(capsys, progress: bool) -> None:
    tiny = Task("tiny", TASK.classes, TASK.train[torch.arange(4)], *[TASK.test[:4]] * 2, "digits")
    quick_fit(vgg(), tiny, epochs=1, progress=progress)
    assert "".join(capsys.readouterr()) == ""


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"epochs": -1}, {"batch_size": 0}])
def test_less_than_one_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        quick_fit(vgg(), **wrong)


def test_a_watched_task_of_other_classes_is_refused_before_anything_runs(monkeypatch) -> None:
    monkeypatch.setattr(codes, "forward", None)  # running a stage would fail otherwise
    with pytest.raises(ValueError, match="photos"):
        quick_fit(vgg(through="block2"), watch={"source": load_task("photos")})
