"""The depth probe without a browser: what it shows is what `probe_depths` and PCA say."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from cs826tl import load_backbone, load_task
from cs826tl.data.loading import few_shot
from cs826tl.data.tasks import Task
from cs826tl.lectures.cnn_codes import depth_probe
from cs826tl.lectures.cnn_codes.explorer import DepthProbe
from cs826tl.training.codes import clear_codes
from cs826tl.training.probes import encode_task, probe_depths
from cs826tl.widgets.controls import Choice
from cs826tl.widgets.explorer import Explorer

DEPTHS = ("pixels", "block1", "block2", "block3", "fc")
Codes = dict[str, dict[str, Task]]


@pytest.fixture(scope="module")
def codes() -> Codes:
    backbone = load_backbone("small_vgg", weights="random")
    tasks = load_task("digits", shots=20), load_task("digits_0_4", shots=20)
    return dict(zip(("all", "half"), (encode_task(backbone, t) for t in tasks), strict=True))


@pytest.fixture
def explorer(codes: Codes) -> Explorer:
    return Explorer(DepthProbe(codes))


def settings(explorer: Explorer) -> dict[str, object]:
    return {control["name"]: control["value"] for control in explorer.state["controls"]}


def shown(explorer: Explorer) -> dict[str, str]:
    table, _ = explorer.state["tables"]
    return {depth: accuracy for depth, _, accuracy in table["rows"]}


def panels(explorer: Explorer) -> tuple:
    view = explorer.controller.view()
    figure = Figure(figsize=view.size)
    view.draw(figure.add_subplot())
    return tuple(figure.axes[0].child_axes)


def test_at_first_it_probes_the_last_depth_of_the_first_task(explorer: Explorer, codes) -> None:
    assert settings(explorer) == {
        "task": "all", "labels": "10", "draw": 1, "classifier": "linear SVM", "depth": "fc",
    }  # fmt: skip
    (depth,) = (c for c in explorer.controller.controls() if c.name == "depth")
    assert isinstance(depth, Choice)
    assert depth.options == DEPTHS


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"labels": "2"},
        {"draw": 4},
        {"classifier": "softmax"},
        {"task": "half", "labels": "5", "depth": "block2"},
    ],
)
def test_the_table_is_that_of_probe_depths(explorer: Explorer, codes: Codes, changes) -> None:
    for name, value in changes.items():
        explorer.set(name, value)
    now = settings(explorer)
    depths, draw = codes[str(now["task"])], int(str(now["draw"]))
    table = probe_depths(
        depths, shots=int(str(now["labels"])), seeds=[draw], classifier=str(now["classifier"])
    )
    accuracy = table[draw]
    assert explorer.state["alert"] == ""
    assert shown(explorer) == {depth: f"{a:.2f}" for depth, a in accuracy.items()}
    status = explorer.state["status"]
    assert f"on {now['depth']}: validation accuracy {accuracy[now['depth']]:.2f}" in status
    assert f"best depth is {accuracy.idxmax()}, with {accuracy.max():.2f}" in status
    assert f"guessing gets {1 / len(depths['fc'].classes):.2f}" in status
    bars, _ = panels(explorer)
    assert [bar.get_height() for bar in bars.patches] == pytest.approx(accuracy.tolist())


def test_the_chosen_bar_differs_in_colour_and_in_pattern(explorer: Explorer) -> None:
    explorer.set("depth", "block2")
    bars, _ = panels(explorer)
    chosen, *others = sorted(bars.patches, key=lambda bar: not bar.get_hatch())
    assert bars.patches.index(chosen) == DEPTHS.index("block2")
    assert not any(bar.get_hatch() for bar in others)
    assert chosen.get_facecolor() not in {bar.get_facecolor() for bar in others}


def test_the_points_are_pca_of_the_validation_codes(explorer: Explorer, codes: Codes) -> None:
    explorer.set("depth", "block3")
    explorer.set("draw", 2)
    _, plane = panels(explorer)
    held_out = few_shot(codes["all"]["block3"], 10, 2).validation
    points = PCA(2, random_state=0).fit_transform(
        StandardScaler().fit_transform(held_out.inputs.numpy())
    )
    for label, drawn in enumerate(plane.collections):
        expected = points[(held_out.labels == label).numpy()]
        assert np.allclose(np.abs(drawn.get_offsets()), np.abs(expected), atol=1e-3)
    assert plane.get_title() == "codes of block3, PCA"


def test_what_cannot_be_measured_is_said_and_changes_nothing(codes: Codes) -> None:
    short = {depth: few_shot(task, 5) for depth, task in codes["all"].items()}
    explorer = Explorer(DepthProbe({"all": codes["all"], "short": short}))
    before = explorer.state["status"]
    explorer.set("task", "short")
    assert "shots=10" in explorer.state["alert"]
    assert explorer.state["status"] == before
    assert settings(explorer)["task"] == "all"
    explorer.set("labels", "5")
    explorer.set("task", "short")
    assert explorer.state["alert"] == ""
    assert settings(explorer)["task"] == "short"


def test_the_stand_in_names_what_can_be_set_and_no_measured_digit(explorer: Explorer) -> None:
    stand_in = explorer.stand_in()
    accuracies = {a for a in shown(explorer).values() if a not in ("0.00", "1.00")}
    assert "Depth probe" in stand_in
    assert all(depth in stand_in for depth in DEPTHS)
    text = stand_in.split("<img")[0] + stand_in.split("<table>")[1]
    assert not any(accuracy in text + explorer.state["alt"] for accuracy in accuracies)


def test_it_encodes_the_tasks_it_is_given(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("CS826TL_HOME", str(tmp_path))
    clear_codes()
    backbone, task = load_backbone("small_vgg", weights="random"), load_task("digits", shots=20)
    explorer = depth_probe(backbone, task, replace(task, name="again"))
    assert explorer.controller.controls()[0].options == ("digits", "again")
    expected = encode_task(backbone, task)["fc"].train.inputs
    assert torch.equal(explorer.controller.codes["digits"]["fc"].train.inputs, expected)


def test_no_task_and_two_of_one_name_are_refused() -> None:
    backbone, task = load_backbone("small_vgg", weights="random"), load_task("digits", shots=20)
    with pytest.raises(ValueError, match="one task or more"):
        depth_probe(backbone)
    with pytest.raises(ValueError, match="no name twice"):
        depth_probe(backbone, task, task)


def test_missions_are_met_by_what_they_ask_for(
    codes: Codes, monkeypatch: pytest.MonkeyPatch
) -> None:
    depths = ["pixels", "block1", "fc"]
    some = {name: {d: tasks[d] for d in depths} for name, tasks in codes.items()}

    def given(tasks: dict[str, Task], seeds: list[int], **_: object) -> pd.DataFrame:
        values = (0.3, 0.7, 0.5) if tasks is some["all"] else (0.2, 0.4, 0.6)
        return pd.DataFrame({seeds[0]: values}, depths)

    monkeypatch.setattr("cs826tl.lectures.cnn_codes.explorer.probe_depths", given)
    probe = DepthProbe(some)

    def met() -> list[bool]:
        return [mark == "✓ met" for _, mark in probe.view().tables[1].rows]

    probe.set("labels", "20")
    assert met() == [False, False, False]  # on the last depth, which is not the best
    probe.set("depth", "block1")
    assert met() == [True, False, False]
    probe.set("task", "half")
    assert met() == [True, True, False]
    probe.set("task", "all")
    probe.set("draw", 2)
    probe.set("draw", 3)
    assert met() == [True, True, True]
