"""The scenario map in a real JupyterLab: choose a cell by keyboard, and read what it says."""

import pytest

from tests.browser import Page, check_accessible, expect, run_all

pytestmark = pytest.mark.slow

CELLS = [
    """from cs826tl.lectures.freezing_vs_finetuning import scenario_map
from cs826tl.lectures.freezing_vs_finetuning.experiments import recorded_cells

scenario_map(recorded_cells(), "cifar10", "mnist_70k")""",
]


def test_a_cell_is_chosen_by_keyboard(notebook: Page) -> None:
    explorer = run_all(notebook, 1).first
    keys, status = notebook.keyboard, explorer.get_by_role("status")
    expect(status).to_contain_text("The slide advises linear on codes.")
    explorer.get_by_role("radio", name="similar: cifar10").focus()
    keys.press("ArrowDown")
    expect(status).to_contain_text("The slide advises linear, earlier.")
    expect(explorer.get_by_role("table", name="Missions")).to_be_visible()
    assert check_accessible(notebook) > 20
