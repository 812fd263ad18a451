"""The schedule designer in a real JupyterLab: by keyboard, trained and audited."""

import pytest

from tests.browser import (
    Locator,
    Page,
    check_accessible,
    expect,
    run_all,
)

pytestmark = pytest.mark.slow

CELLS = [
    "from cs826tl import load_backbone, load_task\n"
    "from cs826tl.lectures.gradual_unfreezing import schedule_designer",
    "backbone = load_backbone('small_vgg', weights='random')\n"
    "schedule_designer(backbone, load_task('digits', shots=5))",
]


@pytest.fixture
def designer(notebook: Page) -> Locator:
    return run_all(notebook, 1).first


def test_a_plan_is_made_and_trained_by_keyboard(notebook: Page, designer: Locator) -> None:
    keys, status = notebook.keyboard, designer.get_by_role("status")
    expect(status).to_contain_text("block1 wakes last, in epoch 5")
    designer.get_by_role("slider", name="Parts that wake in an epoch, the head first").focus()
    for _ in range(2):
        keys.press("ArrowRight")
    expect(status).to_contain_text("block1 wakes last, in epoch 3")
    plan = designer.get_by_role("table", name="The plan")
    expect(plan.get_by_role("row", name="block1")).to_contain_text("3")
    designer.get_by_role("button", name="Train by this plan").focus()
    keys.press("Enter")
    expect(status).to_contain_text("what was frozen never moved")
    audit = designer.get_by_role("table", name="The audit of the last run")
    expect(audit.get_by_role("row", name="block1")).to_contain_text("frozen")
    expect(designer.get_by_role("alert")).to_be_empty()


def test_axe_finds_nothing_serious(notebook: Page, designer: Locator) -> None:
    expect(designer.get_by_role("img", name="A line for each stage")).to_be_visible()
    assert check_accessible(notebook) > 20
