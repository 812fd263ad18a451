"""Every benchmark runs, in small and without its peers, and prints one JSON object."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from benchmarks import cifar10
from benchmarks.contest import PEERS, Setting, contest
from benchmarks.full_finetune import seconds_to, step_operations
from benchmarks.published.remedies import summed_up
from cs826tl import load_backbone, load_task
from tools.notebooks import CHECKOUT

pytestmark = pytest.mark.slow


def run(name: str, *options: str) -> dict:
    call = [sys.executable, "-m", f"benchmarks.{name}", "--json", *options]
    done = subprocess.run(call, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_colours_of_a_picture_are_numpy_s_histogram_and_say_little() -> None:
    task = cifar10.drawn(20, seed=0)
    shares = cifar10.histogram(task.test.inputs[:20])
    for picture, ours in zip(task.test.inputs[:20].numpy(), shares, strict=True):
        pixels = picture.reshape(3, -1).T
        counts, _ = np.histogramdd(pixels, bins=(4, 4, 4), range=[(0, 256)] * 3)
        assert np.allclose(ours, counts.flatten() / len(pixels))
    assert 0.1 < cifar10.accuracy(cifar10.in_colours(task)) < 0.35


def test_tasks_in_a_row_are_scored_by_the_sums_of_the_paper() -> None:
    rng = np.random.default_rng(0)
    for tasks in (2, 3, 7):
        table, start = rng.uniform(size=(tasks, tasks)), rng.uniform(size=tasks)
        acc = sum(table[tasks - 1, k] for k in range(tasks)) / tasks
        bwt = sum(table[tasks - 1, k] - table[k, k] for k in range(tasks - 1)) / (tasks - 1)
        fwt = sum(table[k - 1, k] - start[k] for k in range(1, tasks)) / (tasks - 1)
        found = summed_up(table.tolist(), start.tolist())
        assert found == pytest.approx({"ACC": acc, "BWT": bwt, "FWT": fwt}, abs=1e-6)


SMALL = ("--images", "40", "--epochs", "1", "--size", "28", "--backbone", "small_vgg")


def test_a_contest_says_who_took_how_long_and_how_good_it_was() -> None:
    result = run("frozen", "head", *SMALL, "--only", "ours", "tutorial", "--repeats", "1")
    for kind in ("first", "later"):
        assert list(result[f"{kind}_ratio"]) == ["tutorial"]
        seconds = result[f"{kind}_seconds"]
        assert result[f"{kind}_ratio"]["tutorial"] == pytest.approx(
            seconds["tutorial"] / seconds["ours"]
        )
    assert set(result["first_accuracy"]) == {"ours", "tutorial"}
    assert all(0 <= accuracy <= 1 for accuracy in result["first_accuracy"].values())
    assert all(gigabytes > 0.1 for gigabytes in result["gigabytes"].values())


@pytest.mark.parametrize("command", [["frozen", "two"], ["full_finetune"]])
def test_the_other_contests_run_too(command: list[str]) -> None:
    result = run(*command, *SMALL, "--only", "ours", "--repeats", "1")
    assert result["first_ratio"] == {}
    assert list(result["first_seconds"]) == list(result["later_seconds"]) == ["ours"]


def test_a_peer_that_is_not_installed_is_named_as_missing(monkeypatch) -> None:
    seconds = {"first_seconds": 2.0, "later_seconds": 0.5, "first_accuracy": 0.9, "gigabytes": 1.0}
    peer = {"first_seconds": 8.0, "first_accuracy": 0.8, "gigabytes": 1.0}
    rows = {"ours": seconds, "tutorial": peer}
    monkeypatch.setattr("benchmarks.contest.start", lambda name, *_: rows.get(name))
    setting = Setting(images=1, epochs=1, size=28, through=None)
    result = contest(setting, ["ours", *PEERS], repeats=3, once=True)
    assert result["missing"] == ["fastai", "lightning", "keras"]
    assert result["first_ratio"] == {"tutorial": 4.0}
    assert result["later_ratio"] == {"tutorial": 16.0}


def test_operations_of_a_step_are_three_forward_passes_but_the_first_layers_gradient() -> None:
    model, task = load_backbone("small_vgg", weights="random"), load_task("digits")
    side = task.train.inputs.shape[-1]
    layers = [(3, 16, side), (16, 16, side), (16, 32, side // 2), (32, 32, side // 2)]
    layers += [(32, 64, side // 4), (64, 64, side // 4)]
    forward = [2 * 9 * a * b * s * s for a, b, s in layers]
    forward += [2 * 576 * 128, 2 * 128 * 10]
    assert step_operations(model, task) == 3 * sum(forward) - forward[0]


def test_an_accuracy_is_reached_when_it_first_is() -> None:
    rows = [(1.0, 0.5), (2.0, 0.9), (3.0, 0.8)]
    assert (seconds_to(rows, 0.9), seconds_to(rows, 0.4), seconds_to(rows, 0.95)) == (2, 1, None)


def test_the_course_names_its_costliest_cells(tmp_path: Path) -> None:
    path = tmp_path / "01_waits.ipynb"
    cells = ["1 + 1", "# it waits\nimport time; time.sleep(0.5)"]
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), path
    )
    result = run("course_cost", str(path))
    assert [row["notebook"] for row in result["notebooks"]] == ["01_waits.ipynb"]
    assert result["minutes"] == pytest.approx(result["notebooks"][0]["seconds"] / 60)
    assert [row["cell"] for row in result["cells"]] == [2, 1]
    assert result["cells"][0]["code"] == "import time; time.sleep(0.5)"
    assert 0.5 <= result["cells"][0]["seconds"] < result["notebooks"][0]["seconds"]
    assert path.read_text().count('execution_count": null') == 2  # nothing is written


def test_a_shared_folder_spares_its_second_student_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "01_waits.ipynb"
    cell = "import time; from cs826tl.assets.cache import asset_path; asset_path('mnist_5k')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f"{cell}; time.sleep(1)")])
    nbformat.write(notebook, path)
    result = run("hub", "--students", "1", str(path))
    (own,), (shared,) = result["without"], result["with"]
    assert own["disk_mb"] > 1
    assert shared["disk_mb"] == 0
    assert own["memory_gb"] > 0.01
    assert shared["seconds"] > 1


def test_codes_are_timed_beside_a_plain_forward_pass() -> None:
    small = ("--networks", "efficientnet_lite0", "--sizes", "32", "--images", "4", "--rounds", "1")
    (result,) = run("codes", *small).values()
    assert result["ratio"] == pytest.approx(result["ms an image"] / result["PyTorch's"], rel=0.05)
