"""The multi-task explorer without a browser: its runs are what the library's own calls say."""

import re
from statistics import mean

import pytest
from matplotlib.figure import Figure

from cs826tl.data.loading import few_shot, load_task
from cs826tl.data.questions import ask
from cs826tl.lectures.multitask import multitask_explorer
from cs826tl.lectures.multitask.explorer import MultitaskExplorer
from cs826tl.lectures.multitask.runs import MultitaskRun, MultitaskSetting
from cs826tl.methods.multitask import fit_together, joint_optimizer, with_bottleneck, with_heads
from cs826tl.networks.heads import with_head
from cs826tl.networks.published import load_backbone
from cs826tl.training.evaluation import evaluate
from cs826tl.training.fitting import fit
from cs826tl.training.gradients import gradient_cosines
from cs826tl.widgets.explorer import Explorer

BACKBONE, DIGITS = load_backbone("small_vgg", weights="random"), load_task("digits")


def controller() -> MultitaskExplorer:
    return MultitaskExplorer(BACKBONE, DIGITS)


def train(controller: MultitaskExplorer) -> list[float]:
    """Press the button, and return how far the progress was after each piece."""
    return [progress.fraction for progress in controller.press("train")]


def test_a_run_is_what_the_library_says() -> None:
    explorer = controller()
    for name, value in {"second": "odd or even", "labels": 60, "weight": 0.3}.items():
        explorer.set(name, value)
    explorer.set("trunk", "narrow")
    fractions = train(explorer)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    (run,) = explorer.runs

    narrow = with_bottleneck(BACKBONE, 3)
    full = {"first": DIGITS, "second": ask(DIGITS, "odd")}
    tasks = {"first": few_shot(full["first"], 6), "second": few_shot(full["second"], 120)}
    for name, epochs, accuracy in (("first", 24, run.alone[0]), ("second", 6, run.alone[1])):
        model = with_head(narrow, full[name].classes)
        fit(model, tasks[name], epochs=epochs, progress=False)  # 48 steps either way
        assert accuracy == pytest.approx(evaluate(model, full[name], "validation"))

    models, cosines = with_heads(narrow, full), []
    optimizer, weights = joint_optimizer(models), {"first": 0.7, "second": 0.3}
    for k in range(1, 7):
        fit_together(
            models, tasks, weights=weights, epochs=1, optimizer=optimizer, seed=k, progress=False
        )
        cosines.append(gradient_cosines(models, full, seed=k).loc["first", "second"])
    assert run.cosine == pytest.approx(mean(cosines), abs=1e-4)
    for name, accuracy in zip(full, run.together, strict=True):
        assert accuracy == pytest.approx(evaluate(models[name], full[name], "validation"))
    assert run.gain == pytest.approx(run.together[0] - run.alone[0])


@pytest.fixture(scope="module")
def trained() -> MultitaskExplorer:
    """Return an explorer with three runs: twice the same, and once beside another question."""
    explorer = controller()
    explorer.set("labels", 20)
    train(explorer)
    train(explorer)
    explorer.set("second", "a coin toss")
    train(explorer)
    return explorer


def test_the_same_setting_again_has_other_labels(trained: MultitaskExplorer) -> None:
    first, again, other = trained.runs
    assert first.setting == again.setting != other.setting
    assert first.alone != again.alone
    assert other.alone[0] == first.alone[0]  # another second question, the same labels of the first


def test_a_related_question_pulls_the_same_way_and_a_coin_does_not(
    trained: MultitaskExplorer,
) -> None:
    first, again, coin = trained.runs
    assert min(first.cosine, again.cosine) > 0.1 > coin.cosine
    assert mean([first.gain, again.gain]) > coin.gain
    assert coin.together[1] < 0.65


def test_all_runs_are_in_the_table_and_on_the_picture(trained: MultitaskExplorer) -> None:
    view = trained.view()
    _, table = view.tables
    assert [row[0] for row in table.rows] == ["3, wide", "2, wide", "1, wide"]
    last = trained.runs[-1]
    assert table.rows[0][1:] == (
        "which digit (20 labels)",
        f"{last.alone[0]:.2f} → {last.together[0]:.2f}",
        "a coin toss (weight 0.5)",
        f"{last.alone[1]:.2f} → {last.together[1]:.2f}",
        f"{last.cosine:.2f}",
    )
    assert view.status.startswith("Run 3: beside “a coin toss”, “which digit” ")
    assert f"{abs(last.gain):.2f}. The gradients hardly touch" in view.status
    ax = Figure().add_subplot()
    assert view.draw is not None
    view.draw(ax)
    points = [tuple(line.get_xydata()[0]) for line in ax.lines if len(line.get_xydata()) == 1]
    assert points == [(run.cosine, pytest.approx(run.gain)) for run in trained.runs]


def test_a_run_that_is_stopped_does_not_count() -> None:
    explorer = controller()
    working = explorer.press("train")
    next(working)
    next(working)
    working.close()  # type: ignore[attr-defined]
    assert explorer.runs == []
    assert explorer.view().status.startswith("Nothing trained yet")
    (missions,) = explorer.view().tables
    assert {row[1] for row in missions.rows} == {"open"}


def test_a_mission_is_met_by_the_runs_that_it_asks_for() -> None:
    def met(*runs: tuple[float, float]) -> str:
        explorer = controller()
        for weight, gain in runs:
            setting = MultitaskSetting(second="a coin toss", weight=weight)
            explorer.runs.append(MultitaskRun(setting, (0.5, 0.5), (0.5 + gain, 0.5), 0.0))
        return "".join(row[1][0] for row in explorer.view().tables[0].rows)

    assert met((0.5, 0.04)) == "ooo"
    assert met((0.5, 0.06)) == "✓oo"
    assert met((0.5, -0.06), (0.3, -0.04)) == "o✓o"
    assert met((0.5, -0.06), (0.1, -0.01)) == "o✓✓"
    assert met((0.1, -0.01)) == "ooo"  # nothing was costly before


def test_what_is_stored_has_no_measured_digits() -> None:
    explorer = multitask_explorer(BACKBONE, DIGITS)
    before = explorer.stand_in()
    explorer.press("train")  # outside a notebook it is done when the call returns
    assert explorer.controller.runs  # type: ignore[attr-defined]
    assert re.sub('src="[^"]*"', "", explorer.stand_in()) == re.sub('src="[^"]*"', "", before)
    for label in ("First question", "Second question", "Shared trunk", "Train alone and together"):
        assert label in before
    assert repr(explorer) == repr(multitask_explorer(BACKBONE, DIGITS))


def test_a_setting_is_refused_where_it_cannot_be() -> None:
    explorer = Explorer(controller())
    explorer.set("second", "a knot")
    assert "no Second question (240 labels) named 'a knot'" in explorer.state["alert"]
    explorer.set("labels", 33)
    assert explorer.controller.setting.labels == 40  # type: ignore[attr-defined]


def test_the_task_must_be_of_the_ten_digits() -> None:
    with pytest.raises(
        ValueError, match="the ten digits or CIFAR-10, and 'digits_0_4' has other classes"
    ):
        multitask_explorer(BACKBONE, load_task("digits_0_4"))
