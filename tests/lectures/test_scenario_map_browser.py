"""The scenario map in a real JupyterLab: choose a cell by keyboard, run it, read what it says."""

import pytest

from tests.browser import Page, check_accessible, expect, run_all

pytestmark = pytest.mark.slow

CELLS = [
    """from cs826tl import load_backbone, load_task
from cs826tl.lectures.freezing_vs_finetuning import scenario_map

backbone = load_backbone("small_vgg", weights="random")  # random weights: only the map counts
tasks = load_task("digits_0_4"), load_task("digits_5_9")
scenario_map(backbone, *tasks, sizes={2: 1, 5: 1}, seeds=2)""",
]


def test_a_cell_is_chosen_and_run_by_keyboard(notebook: Page) -> None:
    explorer = run_all(notebook, 1).first
    keys, status = notebook.keyboard, explorer.get_by_role("status")
    explorer.get_by_role("radio", name="similar: digits_0_4").focus()
    for key in ("ArrowDown", "Tab", "ArrowDown"):
        keys.press(key)
    costs = explorer.get_by_role("table", name="digits_5_9, 5 per class")
    expect(costs).to_be_visible()
    expect(status).to_contain_text("0 of 8 runs done in this cell.")
    keys.press("Tab")
    expect(explorer.get_by_role("button", name="Run this cell")).to_be_focused()
    keys.press("Enter")
    expect(status).to_contain_text("Best on average:")
    row = costs.get_by_role("row", name="tune all")
    assert "–" not in row.inner_text()
    assert check_accessible(notebook) > 40
