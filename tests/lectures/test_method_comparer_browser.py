"""The method comparer in a real JupyterLab: choose a method and run it, by keyboard."""

import re

import pytest

from tests.browser import BLIND_DIGITS, Page, check_accessible, expect, run_all

pytestmark = pytest.mark.slow

SHOWN = """from cs826tl.lectures.transductive_transfer import method_comparer

method_comparer(digits=pair)"""
CELLS = [BLIND_DIGITS + SHOWN]


def test_a_method_is_chosen_and_run_by_keyboard(notebook: Page) -> None:
    widget = run_all(notebook, 1).first
    status = widget.get_by_role("status")
    expect(status).to_contain_text("Not run yet: it takes about 2 seconds")
    widget.get_by_role("combobox", name="Method").focus()
    notebook.keyboard.press("C")
    widget.get_by_role("slider", name="Target rows it may see, in %").focus()
    notebook.keyboard.press("ArrowLeft")
    widget.get_by_role("button", name="Run").focus()
    notebook.keyboard.press("Enter")
    expect(status).to_contain_text(re.compile(r"CORAL (gains|loses) 0\.\d\d from"))
    row = widget.get_by_role("table").get_by_role("row").nth(1)
    expect(row).to_contain_text("CORAL, digits, 90 %")
    expect(widget.get_by_role("alert")).to_have_text("")
    assert check_accessible(notebook) > 0
