"""The schedule designer without a browser: what is set, planned, trained, audited and said."""

import base64
from pathlib import Path

import pytest
import torch

from cs826tl import fit, load_backbone, load_task, with_head
from cs826tl.data.tasks import Task
from cs826tl.lectures.gradual_unfreezing import schedule_designer
from cs826tl.lectures.gradual_unfreezing.explorer import BATCH, LONGEST, ScheduleDesigner
from cs826tl.networks.staging import StagedModel
from cs826tl.training.schedules import ulmfit_plan
from cs826tl.widgets.explorer import Explorer


@pytest.fixture(autouse=True)
def _own_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))


@pytest.fixture(scope="module")
def backbone() -> StagedModel:
    return load_backbone("small_vgg", weights="random")


@pytest.fixture(scope="module")
def task() -> Task:
    return load_task("digits", shots=8)  # 80 images: five batches of 16


@pytest.fixture
def designer(backbone: StagedModel, task: Task) -> Explorer:
    return schedule_designer(backbone, task)


def controller(explorer: Explorer) -> ScheduleDesigner:
    assert isinstance(explorer.controller, ScheduleDesigner)
    return explorer.controller


def table(explorer: Explorer, caption: str) -> dict[str, list[str]]:
    (found,) = [t for t in explorer.state["tables"] if t["caption"].startswith(caption)]
    return {row[0]: list(row[1:]) for row in found["rows"]}


def test_what_is_set_is_planned(designer: Explorer, backbone: StagedModel, task: Task) -> None:
    settings = {
        "rise": 1.0,
        "peak": 0.02,
        "epochs": 4,
        "lowest": 0.002,
        "factor": 2,
        "stages_per_epoch": 2,
    }
    for name, value in settings.items():
        designer.set(name, value)
    wanted = ulmfit_plan(
        backbone,
        task,
        epochs=4,
        lr=0.02,
        cut=0.25,
        ratio=10,
        factor=2,
        stages_per_epoch=2,
        batch_size=BATCH,
    )
    plan = controller(designer).plan
    assert (plan.rates == wanted.rates).all()
    assert {c["name"]: c["value"] for c in designer.state["controls"] if "value" in c} == settings
    assert table(designer, "The plan")["block2"] == ["2", "0.0025", "0.0004"]
    said = "4 epochs of 5 steps. block1 wakes last, in epoch 3, and learns at 0.00088 at most."
    assert designer.state["status"] == said


def test_the_peak_stays_within_the_epochs_and_above_the_lowest_rate(designer: Explorer) -> None:
    designer.set("rise", 5)
    designer.set("epochs", 2)
    designer.set("lowest", 0.03)
    setting = controller(designer).setting
    assert (setting.rise, setting.epochs) == (1.9, 2)
    assert setting.peak == setting.lowest == 0.03
    designer.set("peak", 0.004)
    assert controller(designer).setting.lowest == 0.004
    assert designer.state["alert"] == ""


@pytest.mark.parametrize("name", ["rise", "peak", "epochs", "lowest", "factor", "stages_per_epoch"])
@pytest.mark.parametrize("end", ["low", "high"])
def test_both_ends_of_every_control_give_a_plan_and_a_picture(
    designer: Explorer, name: str, end: str
) -> None:
    control = next(c for c in designer.state["controls"] if c["name"] == name)
    designer.set(name, control[end])
    assert designer.state["alert"] == ""
    assert getattr(controller(designer).setting, name) >= 0
    assert controller(designer).plan.epochs <= LONGEST


def test_training_is_fit_by_the_plan_from_a_fresh_copy(
    designer: Explorer, backbone: StagedModel, task: Task
) -> None:
    model = with_head(backbone, task.classes, seed=0)
    plan = controller(designer).plan
    history = fit(model, task, plan=plan, batch_size=BATCH, progress=False)
    torch.manual_seed(11)
    for _ in range(2):
        designer.press("train")
    drawn = torch.rand(3)
    torch.manual_seed(11)
    assert torch.equal(torch.rand(3), drawn)
    for run in controller(designer).runs:
        assert run.accuracies == history["validation_accuracy"]
        assert run.found_out == 0
    assert (
        f"validation accuracy {history['validation_accuracy'][-1]:.2f}" in designer.state["status"]
    )


def test_the_audit_says_what_moved_when(designer: Explorer) -> None:
    designer.set("epochs", 3)
    designer.set("stages_per_epoch", 2)
    designer.press("train")
    assert table(designer, "The audit") == {
        "head": ["moved"] * 3,
        "fc": ["moved"] * 3,
        "block3": ["frozen", "moved", "moved"],
        "block2": ["frozen", "moved", "moved"],
        "block1": ["frozen", "frozen", "moved"],
    }
    assert "what was frozen never moved" in designer.state["status"]
    assert table(designer, "All runs")["1"][:2] == ["3 of 3", "0.5"]


def test_what_moves_against_the_plan_is_found_out(
    designer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cs826tl.training.loop.train_mode", lambda model: model.train())
    monkeypatch.setattr("cs826tl.training.examples.stages_to_run_once", lambda *_: 0)
    designer.press("train")
    assert table(designer, "The audit")["block1"][0] == "frozen, yet moved"
    assert (
        "what was frozen moved 9 times" in designer.state["status"]
    )  # three blocks' running means


def test_stages_frozen_beforehand_stay_so(backbone: StagedModel, task: Task) -> None:
    designer = schedule_designer(backbone, task, through="block2")
    assert table(designer, "The plan")["block2"] == ["never", "frozen", "frozen"]
    designer.press("train")
    assert set(table(designer, "The audit")["block1"]) == {"frozen"}


def test_a_stopped_training_is_kept_as_far_as_it_came(designer: Explorer) -> None:
    work = controller(designer).press("train")
    for progress in work:
        if progress.label == "epoch 2":
            break
    work.close()
    (run,) = controller(designer).runs
    assert len(run.audits) == 2
    designer.show()
    assert table(designer, "All runs")["1"][0] == "2 of 6"


def test_progress_grows_to_one(designer: Explorer) -> None:
    fractions = [progress.fraction for progress in controller(designer).press("train")]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0, 1)


def test_training_that_breaks_down_says_why(designer: Explorer, backbone: StagedModel) -> None:
    broken = load_backbone("small_vgg", weights="random")
    with torch.no_grad():
        broken.stages.fc[2].weight.fill_(float("nan"))
    explorer = schedule_designer(broken, controller(designer).task)
    explorer.press("train")
    assert "It stopped in epoch 1: the loss is nan" in explorer.state["status"]
    assert explorer.state["alert"] == ""


def test_what_a_notebook_stores_is_a_picture_and_what_can_be_set(designer: Explorer) -> None:
    stored = designer.stand_in()
    assert "Schedule designer" in stored
    assert "A dot with the stage&#x27;s name marks where it wakes." in stored
    assert "<td>1 to 5 in steps of 0.1</td>" in stored
    picture = designer.picture.split(",", 1)[1]
    assert base64.b64decode(picture).startswith(b"\x89PNG")


def missions_met(explorer: Explorer) -> list[bool]:
    return [cell == ["✓ met"] for cell in table(explorer, "Missions").values()]


def test_a_mission_is_met_by_training_and_not_by_setting(backbone: StagedModel, task: Task) -> None:
    designer = schedule_designer(backbone, task, through="block2")
    designer.set("epochs", 3)
    designer.set("rise", 2.5)
    designer.set("stages_per_epoch", 3)
    designer.press("train")  # all wake at once
    assert missions_met(designer) == [False, False, False]
    designer.set("stages_per_epoch", 1)
    designer.set("peak", 0.02)
    assert missions_met(designer) == [False, False, False]
    designer.press("train")  # block3 wakes in epoch 3, before 2.5 epochs are done
    assert missions_met(designer) == [True, False, False]
    designer.set("peak", 0.001)
    designer.set("factor", 1)
    designer.press("train")  # two settings differ
    assert missions_met(designer) == [True, False, False]
    designer.set("factor", 2.6)
    designer.press("train")
    assert missions_met(designer) == [True, True, False]


def test_the_last_mission_takes_two_peaks_of_each_in_equally_many_epochs(
    designer: Explorer,
) -> None:
    designer.set("epochs", 3)
    for epochs, name, value in [
        (3, "peak", 0.01), (3, "peak", 0.02), (3, "factor", 1), (3, "stages_per_epoch", 5),
        (3, "lowest", 0.003), (3, "peak", 0.003), (2, "peak", 0.001), (3, "peak", 0.001),
    ]:  # fmt: skip
        assert missions_met(designer)[2:] == [False]
        designer.set("epochs", epochs)
        designer.set(name, value)
        designer.press("train")
    plain = [run.is_plain for run in controller(designer).runs]
    assert plain == [False] * 5 + [True] * 3
    assert [run.has_all_three for run in controller(designer).runs] == [True] * 2 + [False] * 6
    assert missions_met(designer)[2:] == [True]
    controller(designer).runs[-1].audits.pop()  # it was stopped
    designer.show()
    assert missions_met(designer)[2:] == [False]


@pytest.mark.parametrize(("rise", "met"), [(2.0, False), (2.6, True)])
def test_a_peak_has_to_come_after_the_last_stage_has_woken(
    backbone: StagedModel, task: Task, rise: float, met: bool
) -> None:
    designer = schedule_designer(backbone, task, through="block2")
    designer.set("epochs", 3)
    designer.set("rise", rise)
    designer.press("train")
    assert missions_met(designer)[0] == met  # the last part wakes after two epochs


def test_a_plan_without_a_peak_meets_no_mission(backbone: StagedModel, task: Task) -> None:
    designer = schedule_designer(backbone, task, through="block2")
    designer.set("epochs", 3)
    designer.set("rise", 2.6)
    designer.set("lowest", 0.01)
    designer.press("train")
    assert missions_met(designer) == [False] * 3


def test_an_unknown_stage_is_refused(backbone: StagedModel, task: Task) -> None:
    with pytest.raises(ValueError, match="Did you mean 'block2'"):
        schedule_designer(backbone, task, through="block_2")
