"""The depth probe in a real JupyterLab: by keyboard to another depth, as a learner does it."""

import pytest

from tests.browser import Page, check_accessible, expect, run_all

pytestmark = pytest.mark.slow

CELLS = [
    """from cs826tl import load_backbone, load_task
from cs826tl.lectures.cnn_codes import depth_probe

backbone = load_backbone("small_vgg", weights="random")  # random weights: only the widget counts
depth_probe(backbone, load_task("digits", shots=20))""",
]


def test_another_depth_and_another_classifier_by_keyboard(notebook: Page) -> None:
    widget = run_all(notebook, 1).first
    status = widget.get_by_role("status")
    expect(status).to_contain_text("linear SVM on fc")
    widget.get_by_role("radio", name="fc").focus()
    notebook.keyboard.press("ArrowUp")
    expect(status).to_contain_text("linear SVM on block3")
    widget.get_by_role("radio", name="linear SVM").focus()
    notebook.keyboard.press("ArrowDown")
    expect(status).to_contain_text("softmax on block3")
    expect(widget.get_by_role("alert")).to_have_text("")
    assert check_accessible(notebook) > 0
