"""The sorter of kinds in a real JupyterLab, by keyboard."""

import pytest

from tests.browser import (
    Locator,
    Page,
    check_accessible,
    expect,
    run_all,
)

pytestmark = pytest.mark.slow

CELLS = ["from cs826tl.lectures.kinds_of_transfer import kind_sorter", "kind_sorter()"]


@pytest.fixture
def sorter(notebook: Page) -> Locator:
    return run_all(notebook, 1).first


def test_a_case_is_sorted_by_keyboard(notebook: Page, sorter: Locator) -> None:
    keys, status = notebook.keyboard, sorter.get_by_role("status")
    sorter.get_by_role("combobox", name="Case").focus()
    keys.press("ArrowDown")
    expect(status).to_contain_text("inbox")
    keys.press("Tab")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("Tab")
    keys.press("ArrowDown")
    expect(status).to_contain_text("You say: transductive.")
    keys.press("Tab")
    expect(sorter.get_by_role("button", name="Check")).to_be_focused()
    keys.press("Enter")
    expect(status).to_contain_text("✓ transductive transfer.")
    tally = sorter.get_by_role("table", name="1 of 1 right at the first try")
    expect(tally.get_by_role("row", name="2. My inbox")).to_contain_text("✓ yes")
    expect(sorter.get_by_role("img", name="The frame is on: transductive.")).to_be_visible()


def test_axe_finds_nothing_serious(notebook: Page, sorter: Locator) -> None:
    sorter.get_by_role("button", name="Check").click()
    expect(sorter.get_by_role("alert")).to_contain_text("answer both questions")
    assert check_accessible(notebook) > 12
