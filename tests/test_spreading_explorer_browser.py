"""The spreading explorer in a real JupyterLab: move the step, and labels spread, by keyboard."""

import pytest

from tests.browser import Page, check_accessible, expect, run_all

pytestmark = pytest.mark.slow

CELLS = [
    """from cs826tl import BlindPair, load_task
from cs826tl.adaptation.pairs import Sealed
from cs826tl.widgets import spreading_explorer

digits = load_task("digits")  # comes with scikit-learn: this JupyterLab has fetched nothing
grey = {n: digits.split(n).inputs.flatten(1).numpy() / 255 for n in ("train", "test")}
labels = {name: digits.split(name).labels.numpy() for name in ("train", "test")}
sealed = Sealed(labels["train"][500:], grey["test"], labels["test"])
half = grey["train"][:500], labels["train"][:500], grey["train"][500:]
pair = BlindPair("digits", digits.classes, *half, sealed)
spreading_explorer(pair)""",
]


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
