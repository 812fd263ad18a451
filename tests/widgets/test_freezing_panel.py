"""The freezing panel without a browser: what the controller does, its words, the traitlets."""

import asyncio
import itertools
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

import cs826tl.training.loop
from cs826tl import add_lora, fit, freeze, load_backbone, load_task, with_head
from cs826tl.data.tasks import Task
from cs826tl.networks.preprocessing import Preprocess
from cs826tl.networks.staging import StagedModel
from cs826tl.training import clear_codes
from cs826tl.widgets import freezing_panel
from cs826tl.widgets.freezing import FreezingPanel
from cs826tl.widgets.freezing.controller import FreezingController
from cs826tl.widgets.freezing.words import panel_state

STAGES = ["block1", "block2", "block3", "fc"]


@pytest.fixture(autouse=True)
def _own_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    clear_codes()


@pytest.fixture(scope="module")
def backbone() -> StagedModel:
    return load_backbone("small_vgg", weights="random")


@pytest.fixture(scope="module")
def task() -> Task:
    return load_task("digits", shots=10)


def dropout_backbone() -> StagedModel:
    torch.manual_seed(0)
    stages: dict[str, nn.Module] = {
        "conv": nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten()),
        "fc": nn.Sequential(nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.5)),
    }
    scaling = Preprocess([127.5] * 3, [127.5] * 3, None)
    return StagedModel("Dropout", scaling, stages, nn.Linear(64, 10), "0123456789", "random")


def controller(backbone: StagedModel, task: Task, through: str | None = None, **changed: float):
    settings = {"epochs": 2, "lr": 1e-3, "seed": 0} | changed
    return FreezingController(backbone, task, through, **settings)  # type: ignore[arg-type]


def run(panel_or_controller: FreezingPanel | FreezingController) -> None:
    for _ in getattr(panel_or_controller, "controller", panel_or_controller).train():
        pass


def card(panel: FreezingPanel, label: str) -> dict[str, str]:
    return next(card for card in panel.state["cards"] if card["label"].startswith(label))


def test_what_stands_in_for_the_panel_counts_every_part(backbone: StagedModel, task: Task) -> None:
    panel = freezing_panel(backbone, task)
    counts = [
        sum(p.numel() for p in part.parameters()) for part in panel.controller.model.parts.values()
    ]
    stored = panel.stand_in()
    assert all(f"<td>{count:,}</td>" in stored for count in counts)
    assert max(counts) > 1000  # so that a thousand is parted from the rest


@pytest.mark.parametrize(
    "chosen", [c for n in range(6) for c in itertools.combinations([*STAGES, "head"], n)]
)
def test_exactly_the_chosen_parts_are_frozen(
    backbone: StagedModel, task: Task, chosen: tuple[str, ...]
) -> None:
    plan = controller(backbone, task, "block2")
    plan.set_frozen(chosen)
    still = {name for name, part in plan.model.parts.items() if not _trainable(part)}
    assert still == set(chosen)
    assert plan.frozen == chosen


def _trainable(part: nn.Module) -> int:
    return sum(p.numel() for p in part.parameters() if p.requires_grad)


def test_the_panel_counts_parameters_and_bytes_at_once(backbone: StagedModel, task: Task) -> None:
    panel = freezing_panel(backbone, task)
    panel.frozen = ["block1"]
    model = with_head(backbone, task.classes)
    wanted = sum(p.numel() for p in model.parameters()) - sum(
        p.numel() for p in model.parts["block1"].parameters()
    )
    assert card(panel, "Trainable")["value"] == f"{wanted:,}"
    # a gradient and AdamW's two moments, four bytes each, in MB
    assert card(panel, "Memory")["value"] == f"{12 * wanted / 1e6:.2f} MB"


def test_the_panel_says_what_runs_once(backbone: StagedModel, task: Task) -> None:
    panel = freezing_panel(backbone, task)
    panel.frozen = ["block1", "block2", "fc"]
    assert [part["once"] for part in panel.state["parts"]] == [True, True, False, False, False]
    assert "once, for the codes: block1, block2." in panel.state["status"]
    assert "above a trainable part: fc" in panel.state["status"]


def test_training_equals_fit_whatever_is_drawn_in_between(task: Task) -> None:
    backbone = dropout_backbone()
    model = freeze(with_head(backbone, task.classes), through="conv")
    expected = fit(model, task, epochs=2, progress=False)["validation_loss"]
    plan = controller(backbone, task, "conv")
    torch.manual_seed(5)
    undisturbed = torch.rand(3)
    torch.manual_seed(5)
    drawn = [torch.rand(1) for _, _ in zip(range(3), plan.train(), strict=False)]
    assert torch.equal(torch.cat(drawn), undisturbed)  # training has its own
    torch.rand(7)
    run(plan)
    assert plan.runs[-1].history["validation_loss"] == pytest.approx(expected, rel=1e-6)


def test_every_run_begins_alike_and_leaves_the_backbone(backbone: StagedModel, task: Task) -> None:
    before = {name: tensor.clone() for name, tensor in backbone.state_dict().items()}
    plan = controller(backbone, task, "block2")
    run(plan)
    plan.set_frozen([])
    run(plan)
    plan.set_frozen(["block1", "block2"])
    run(plan)
    first, other, again = (r.history["validation_loss"] for r in plan.runs)
    assert first == pytest.approx(again, rel=1e-6)
    assert first != pytest.approx(other, rel=1e-3)
    assert all(torch.equal(t, before[name]) for name, t in backbone.state_dict().items())


def test_codes_are_computed_once_and_then_kept(backbone: StagedModel, task: Task) -> None:
    panel = freezing_panel(backbone, task, epochs=1)
    run(panel)
    run(panel)
    first, second = panel.controller.runs
    assert (first.encoded, second.encoded) == (len(task.train) + len(task.validation), 0)
    panel.frozen = ["block1"]
    panel.frozen = STAGES
    assert panel.state["tables"][0]["rows"][0][2] == "kept from before"


def test_stop_ends_after_the_batch_and_keeps_the_run(backbone: StagedModel, task: Task) -> None:
    plan = controller(backbone, task, epochs=1000)
    batches = 0
    for _ in plan.train():
        batches += 1
        if batches == 60:
            plan.stop()
    assert batches == 60
    assert not plan.busy
    assert plan.runs[-1].history.stopped
    assert 1 < len(plan.runs[-1].history.rows) < 60


def test_a_plan_cannot_change_while_training_runs(backbone: StagedModel, task: Task) -> None:
    plan = controller(backbone, task, "block2")
    training = plan.train()
    next(training)
    plan.set_frozen([])
    assert plan.frozen == ("block1", "block2")
    assert list(plan.train()) == []  # a second press of Train does nothing either
    training.close()
    plan.set_frozen([])
    assert plan.frozen == ()


def test_everything_frozen_is_said_not_raised(backbone: StagedModel, task: Task) -> None:
    panel = freezing_panel(backbone, task, through="head")
    panel.train()
    assert "Nothing can be trained" in panel.state["alert"]
    assert panel.controller.runs == []
    panel.frozen = STAGES
    assert panel.state["alert"] == ""


def test_an_exception_is_shown_and_the_panel_goes_on(backbone: StagedModel, task: Task) -> None:
    panel = freezing_panel(backbone, task, epochs=1)
    floats = replace(task.train, inputs=task.train.inputs.float())
    panel.controller.task = replace(task, train=floats)
    panel.train()
    assert panel.state["alert"].startswith("TypeError: images are uint8")
    assert not panel.state["busy"]
    panel.controller.task = task
    panel.train()
    assert panel.state["alert"] == ""
    assert len(panel.controller.runs) == 1


def test_an_unknown_stage_is_shown_and_changes_nothing(backbone: StagedModel, task: Task) -> None:
    panel = freezing_panel(backbone, task, through="block2")
    panel.frozen = ["block1", "block9"]
    assert "no stage named 'block9'" in panel.state["alert"]
    assert panel.frozen == ["block1", "block2"]


def test_a_loss_that_is_not_a_number_gives_its_reason(backbone: StagedModel, task: Task) -> None:
    panel = freezing_panel(backbone, task, lr=1e30, through="block1")
    panel.train()
    assert "try a smaller lr" in panel.state["status"]


def test_the_audit_finds_a_frozen_stage_that_moved(
    backbone: StagedModel, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cs826tl.training.loop, "train_mode", nn.Module.train)  # the classic mistake
    panel = freezing_panel(backbone, task, epochs=1)
    panel.frozen = ["block3"]
    panel.train()
    verdicts = {row[0]: row[-1] for row in panel.state["tables"][2]["rows"]}
    assert verdicts["block3"] == "✗ claimed frozen, in fact moved"
    assert verdicts["block1"] == "✓ trainable, moved"
    assert "block3 moved although frozen!" in panel.state["status"]


def test_the_browser_gets_json_and_its_words_are_obeyed(backbone: StagedModel, task: Task) -> None:
    panel = freezing_panel(backbone, task, epochs=2)
    panel._handle_custom_msg({"do": "train"}, [])
    state = json.loads(json.dumps(panel.state))
    assert [len(curve["values"]) for curve in state["curves"]] == [3]
    accuracy = panel.controller.runs[0].history["validation_accuracy"][-1]
    assert f"validation accuracy {accuracy:.3f}" in state["status"]
    assert [table["caption"] for table in state["tables"]][1] == "All runs, from the same start"


def test_training_in_an_event_loop_listens_to_stop(backbone: StagedModel, task: Task) -> None:
    async def scenario() -> FreezingPanel:
        panel = freezing_panel(backbone, task, epochs=100_000)
        panel.train()
        panel.train()  # a double click trains once
        while not panel.state["busy"]:
            await asyncio.sleep(0)
        panel._handle_custom_msg({"do": "stop"}, [])
        while panel.state["busy"]:
            await asyncio.sleep(0)
        return panel

    panel = asyncio.run(asyncio.wait_for(scenario(), 60))
    assert "stopped by you" in panel.state["status"]
    assert len(panel.controller.runs) == 1


def test_a_stored_notebook_keeps_a_picture_and_a_table(backbone: StagedModel, task: Task) -> None:
    bundles = [freezing_panel(backbone, task, through="fc")._repr_mimebundle_() for _ in range(2)]
    pages = [re.sub('base64,[^"]+', "", data["text/html"]) for data, _ in bundles]
    assert pages[0] == pages[1]  # nothing that changes from run to run
    assert 'alt="block1 frozen, block2 frozen, block3 frozen, fc frozen, head new head"' in pages[0]
    assert pages[0].count("<tr>") == len(STAGES) + 1
    assert "0x" not in bundles[0][0]["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in bundles[0][0]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"epochs": 0}, "epochs=0"), ({"through": "block9"}, "no stage named 'block9'")],
)
def test_wrong_arguments_are_refused_at_once(
    backbone: StagedModel, task: Task, wrong: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        freezing_panel(backbone, task, **wrong)  # type: ignore[arg-type]


def test_a_stage_with_adapters_says_so_and_only_they_learn(task: Task) -> None:
    adapted = add_lora(load_backbone("small_vgg", weights="random"), "block3", rank=1)
    panel = FreezingPanel(controller(adapted, task, "block2", epochs=1))
    words = [part["learns"] for part in panel.state["parts"]]
    assert words == ["fine-tuned", "fine-tuned", "adapter", "fine-tuned", "new head"]
    panel.controller.set_frozen(["block1", "block2", "fc"])
    run(panel)
    audit = panel.controller.runs[-1].audit
    assert audit["verdict"]["block3"] == "frozen, did not move; its adapter did"
    assert "Nothing frozen moved." in str(panel_state(panel.controller)["status"])
