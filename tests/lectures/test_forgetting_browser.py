"""The forgetting explorer in a real JupyterLab: another remedy and a run, all by keyboard."""

import re

import pytest

from tests.browser import Page, check_accessible, expect, run_all

pytestmark = pytest.mark.slow

CELLS = [
    """from cs826tl import load_backbone, load_task, with_head
from cs826tl.lectures.catastrophic_forgetting import forgetting_explorer

old, new = load_task("digits_0_4"), load_task("digits_5_9")
source = load_backbone("small_vgg", weights="random", size=16)  # only the widget counts
forgetting_explorer(with_head(source, old.classes), old, new)""",
]


def test_a_remedy_is_chosen_and_tried_by_keyboard(notebook: Page) -> None:
    widget = run_all(notebook, 1).first
    status = widget.get_by_role("status")
    expect(status).to_contain_text("Nothing fine-tuned yet")
    widget.get_by_role("radio", name="nothing").focus()
    notebook.keyboard.press("ArrowDown")
    widget.get_by_role("button", name="Fine-tune on the new task").focus()
    notebook.keyboard.press("Enter")
    expect(status).to_contain_text(re.compile(r"Run 1: \d+% of the old task kept"))
    runs = widget.get_by_role("table", name="All runs").get_by_role("row")
    expect(runs.last).to_contain_text("L2-SP")
    expect(widget.get_by_role("alert")).to_have_text("")
    assert check_accessible(notebook) > 0
