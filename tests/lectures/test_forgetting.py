"""Lecture 09 without a browser: a run is what the library says, and the exercise is told why."""

from collections.abc import Callable

import pytest
import torch
from matplotlib.figure import Figure

from cs826tl import Task, evaluate, few_shot, fit, load_backbone, load_pair, with_head
from cs826tl.lectures.catastrophic_forgetting.checks import check_ewc
from cs826tl.lectures.catastrophic_forgetting.explorer import (
    EPOCHS,
    MISSIONS,
    ForgettingController,
    ForgettingRun,
    ForgettingSetting,
)
from cs826tl.lectures.catastrophic_forgetting.plots import (
    plot_histories,
    plot_kept,
    plot_two_rates,
)
from cs826tl.methods.forgetting import EWC, L2SP
from cs826tl.networks.staging import StagedModel
from cs826tl.training.history import History


@pytest.fixture(scope="module")
def tasks() -> tuple[Task, Task]:
    return load_pair("mnist_halves")


@pytest.fixture(scope="module")
def source(tasks: tuple[Task, Task]) -> StagedModel:
    reader = load_backbone("small_vgg", weights="random", size=16)
    fit(reader, tasks[0], epochs=1, lr=2e-3, progress=False)
    return reader


@pytest.fixture
def controller(source: StagedModel, tasks: tuple[Task, Task]) -> ForgettingController:
    return ForgettingController(source, *tasks)


def test_a_run_is_what_fine_tuning_with_the_remedy_gives(
    controller: ForgettingController, source: StagedModel, tasks: tuple[Task, Task]
) -> None:
    controller.set("remedy", "L2-SP")
    fractions = [progress.fraction for progress in controller.press("train")]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    old, new = tasks
    model = with_head(source, new.classes)
    penalty = L2SP(source, strength=0.3)
    fit(model, few_shot(new, 20), epochs=EPOCHS, lr=3e-3, penalty=penalty, progress=False)
    (run,) = controller.runs
    assert run.kept == pytest.approx(evaluate(model, old, "validation", head=source.head))
    assert run.learnt == pytest.approx(evaluate(model, new, "validation"))


def test_the_source_stays_as_it_was(controller: ForgettingController) -> None:
    before = {name: value.clone() for name, value in controller.source.state_dict().items()}
    for remedy in ("EWC", "distillation", "replay"):
        controller.set("remedy", remedy)
        list(controller.press("train"))
    after = controller.source.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())
    assert [run.setting.remedy for run in controller.runs] == ["EWC", "distillation", "replay"]


def test_a_source_without_a_class_of_the_old_task_is_refused(
    source: StagedModel, tasks: tuple[Task, Task]
) -> None:
    with pytest.raises(ValueError, match="no output for 0, 1, 2, 3, 4"):
        ForgettingController(with_head(source, ("a", "b")), *tasks)


def test_the_same_setting_again_has_other_labels(controller: ForgettingController) -> None:
    list(controller.press("train"))
    list(controller.press("train"))
    first, second = controller.runs
    assert first.setting == second.setting
    assert first != second


@pytest.mark.parametrize(
    ("rate", "remedy", "kept", "learnt", "met"),
    [
        ("0.003", "nothing", 0.5, 0.8, [True, False, False]),
        ("0.0003", "nothing", 0.98, 0.8, [False, True, False]),
        ("0.0003", "nothing", 0.98, 0.7, [False, False, False]),
        ("0.003", "replay", 0.98, 0.8, [False, False, True]),
        ("0.001", "replay", 0.98, 0.8, [False, False, False]),
        ("0.003", "replay", 0.5, 0.8, [False, False, False]),
    ],
)
def test_a_mission_is_met_by_a_run_that_does_what_it_says(
    controller: ForgettingController,
    rate: str,
    remedy: str,
    kept: float,
    learnt: float,
    met: list[bool],
) -> None:
    controller.before = 0.99
    controller.runs = [ForgettingRun(ForgettingSetting(rate, remedy), kept, learnt)]
    rows = controller.view().tables[0].rows
    assert [row[0] for row in rows] == list(MISSIONS)
    assert [row[1] == "✓ met" for row in rows] == met


@pytest.mark.parametrize(
    ("yours", "beginning"),
    [
        (lambda now, start, f: sum((f[n] * (now[n] - start[n]) ** 2).sum() for n in f), "Right"),
        (lambda now, start, f: 0.0, "Not yet: it is zero"),
        (lambda now, start, f: sum(((now[n] - start[n]) ** 2).sum() for n in f), "Not yet: every"),
        (
            lambda now, start, f: sum((f[n] * (now[n] - start[n])).sum() for n in f),
            "Not yet: it is",
        ),
        (
            lambda now, start, f: sum((f[n] * (now[n] - start[n]) ** 2).mean() for n in f),
            "Not yet: t",
        ),
        (
            lambda now, start, f: f["a"] * (now["a"] - start["a"]) ** 2,
            "Not yet: the penalty is one",
        ),
        (lambda now, start, f: 99.0, "Not yet: for each name"),
        (lambda now, start, f: None, "Not yet: it returns None"),
    ],
)
def test_the_penalty_is_checked_at_once(yours: Callable[..., object], beginning: str) -> None:
    assert check_ewc(yours).startswith(beginning)


def test_the_checked_formula_is_the_library_s(
    source: StagedModel, tasks: tuple[Task, Task]
) -> None:
    library = EWC(source, tasks[0], strength=2.0, samples=20)
    moved = load_backbone("small_vgg", weights="random", size=16, seed=1)
    now = dict(moved.stages.named_parameters())
    by_hand = sum((library.fisher[n] * (w - library.start[n]) ** 2).sum() for n, w in now.items())
    assert by_hand.item() == pytest.approx(library(moved, None, None).item(), rel=1e-5)


def test_small_steps_end_where_the_old_loss_is_low() -> None:
    small, large = (line.get_xdata()[-1] for line in plot_two_rates().lines[2:])
    assert (round(small, 2), round(large, 2)) == (0.7, 3.0)  # the new loss is zero at both
    assert 0.5 * small**2 < 0.5 < 0.5 * large**2


def test_runs_are_numbered_where_they_lie() -> None:
    ax = Figure().add_subplot()
    plot_kept([(0.5, 0.8), (0.9, 0.7)], before=0.98, ax=ax)
    assert [(t.get_text(), t.xy) for t in ax.texts[1:]] == [("1", (50, 80)), ("2", (90, 70))]


def history(*accuracies: float) -> History:
    return History([{"epoch": k, "validation_accuracy": a} for k, a in enumerate(accuracies)])


def test_histories_are_a_thin_line_a_run_and_a_thick_one_at_their_mean() -> None:
    other = history(0.3, 0.5)  # stopped early: its mean goes on with the rest
    ax = plot_histories(
        {"fast": [history(0.1, 0.5, 0.8), other], "slow": [other]}, "validation_accuracy"
    )
    thin, thick = ([line for line in ax.lines if (line.get_linewidth() > 1) == t] for t in (0, 1))
    assert [list(line.get_ydata()[:2]) for line in thin] == [[0.1, 0.5], [0.3, 0.5], [0.3, 0.5]]
    assert list(thick[0].get_ydata()) == pytest.approx([0.2, 0.5, 0.8])
    assert (
        [text.get_text() for text in ax.get_legend().get_texts()]
        == ["fast", "slow"]
        == [line.get_label() for line in thick]
    )
    assert len({line.get_linestyle() for line in thick}) == 2  # not told by colour alone
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "validation accuracy")
