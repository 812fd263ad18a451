"""The method comparer in a real JupyterLab: choose a method and run it, by keyboard."""

import re

import pytest

from tests.browser import Page, check_accessible, expect, run_all

pytestmark = pytest.mark.slow

CELLS = [
    """from cs826tl import BlindPair, load_task
from cs826tl.adaptation.pairs import Sealed
from cs826tl.widgets import method_comparer

digits = load_task("digits")  # comes with scikit-learn: this JupyterLab has fetched nothing
grey = {n: digits.split(n).inputs.flatten(1).numpy() / 255 for n in ("train", "test")}
labels = {name: digits.split(name).labels.numpy() for name in ("train", "test")}
sealed = Sealed(labels["train"][500:], grey["test"], labels["test"])
half = grey["train"][:500], labels["train"][:500], grey["train"][500:]
pair = BlindPair("digits", digits.classes, *half, sealed)
method_comparer(digits=pair)""",
]


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
