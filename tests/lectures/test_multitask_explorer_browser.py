"""The multi-task explorer in a real JupyterLab: choose a question and train, all by keyboard."""

import re

import pytest

from tests.browser import Page, check_accessible, expect, run_all

pytestmark = pytest.mark.slow

CELLS = [
    """from cs826tl import load_backbone, load_task
from cs826tl.lectures.multitask import multitask_explorer

multitask_explorer(load_backbone("small_vgg", weights="random"), load_task("digits"))""",
]


def test_another_question_and_a_run_by_keyboard(notebook: Page) -> None:
    widget = run_all(notebook, 1).first
    status = widget.get_by_role("status")
    expect(status).to_contain_text("Nothing trained yet")
    widget.get_by_role("combobox", name="Second question").focus()
    notebook.keyboard.press("t")  # a list goes to the option that begins with the letter
    widget.get_by_role("button", name="Train alone and together").focus()
    notebook.keyboard.press("Enter")
    said = re.compile(r"Run 1: beside “thin or bold”, “which digit” .+ cosine")
    expect(status).to_contain_text(said)
    runs = widget.get_by_role("table", name="All runs, validation accuracy")
    expect(runs.get_by_role("row")).to_have_count(2)
    expect(widget.get_by_role("alert")).to_have_text("")
    assert check_accessible(notebook) > 0
