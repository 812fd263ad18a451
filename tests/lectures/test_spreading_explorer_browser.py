"""The spreading explorer in a real JupyterLab: move the step, and labels spread, by keyboard."""

import pytest

from tests.browser import BLIND_DIGITS, Page, check_accessible, expect, run_all

pytestmark = pytest.mark.slow

SHOWN = """from cs826tl.lectures.transductive_transfer import spreading_explorer

spreading_explorer(pair)"""
CELLS = [BLIND_DIGITS + SHOWN]


def test_steps_are_taken_by_keyboard(notebook: Page) -> None:
    widget = run_all(notebook, 1).first
    status = widget.get_by_role("status")
    expect(status).to_contain_text("Step 0: 0 of 120 digits of UCI have a label")
    picture = widget.get_by_role("img").get_attribute("src")
    widget.get_by_role("slider", name="Step").focus()
    for _ in range(2):
        notebook.keyboard.press("ArrowRight")
    expect(status).to_contain_text("Step 2: ")
    expect(status).not_to_contain_text("2: 0 of")
    assert widget.get_by_role("img").get_attribute("src") != picture

    given = widget.get_by_role("group", name="Labels are given in the")
    given.get_by_role("radio", name="source").focus()
    notebook.keyboard.press("ArrowDown")
    expect(given.get_by_role("radio", name="target")).to_be_checked()
    expect(widget.get_by_role("alert")).to_have_text("")
    assert check_accessible(notebook) > 10
