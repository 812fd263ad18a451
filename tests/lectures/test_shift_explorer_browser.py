"""The shift explorer in a real JupyterLab: choose, shift, and read what changed, by keyboard."""

import pytest

from tests.browser import Page, check_accessible, expect, run_all

pytestmark = pytest.mark.slow

CELLS = [
    """from dataclasses import replace
from cs826tl import load_task
from cs826tl.data.tasks import Split
from cs826tl.lectures.why_transfer import shift_explorer

digits = load_task("digits")
parts = {name: digits.split(name) for name in ("train", "validation", "test")}
dark = {name: Split(255 - part.inputs, part.labels) for name, part in parts.items()}
shift_explorer(digits, replace(digits, name="negatives", **dark))"""
]


def test_choose_and_shift_by_keyboard(notebook: Page) -> None:
    explorer = run_all(notebook, 1)
    status = explorer.get_by_role("status")
    expect(status).to_contain_text("The shift can be seen: AUC 1.00.")

    explorer.get_by_role("group", name="Test on").get_by_role("radio", name="negatives").focus()
    notebook.keyboard.press("ArrowUp")
    there = explorer.get_by_role("row", name="what the shift costs").get_by_role("cell")
    expect(there).to_have_text("0.00")
    picture = explorer.get_by_role("img").get_attribute("src")

    explorer.get_by_role("slider", name="Rotation").focus()
    for _ in range(6):
        notebook.keyboard.press("ArrowRight")
    expect(explorer.get_by_role("spinbutton", name="Rotation")).to_have_value("30")
    expect(there).not_to_have_text("0.00")
    assert explorer.get_by_role("img").get_attribute("src") != picture


def test_axe_finds_nothing_serious(notebook: Page) -> None:
    run_all(notebook, 1)
    assert check_accessible(notebook) > 20
