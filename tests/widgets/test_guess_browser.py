"""Guesses in a real JupyterLab in headless Chromium."""

import pytest

from tests.browser import (
    THEMES,
    Locator,
    Page,
    check_accessible,
    execute,
    expect,
    use_theme,
)

pytestmark = pytest.mark.slow

ASKING = [
    """from cs826tl.widgets import guess, surprises

moved = guess("How many of the $9$ stages will move?", choices=("none", "some", "all nine"))
moved""",
    """gap = guess("How far does it fall?", low=0, high=1, step=0.05)
gap""",
]
REVEALING = [
    'moved.reveal("all nine")',
    "gap.reveal(0.31, within=0.1)",
    "surprises(moved, gap)",
]
CELLS = [*ASKING, *REVEALING]


@pytest.fixture
def guesses(notebook: Page) -> Locator:
    """Run the cells that ask, and give the two guesses; those that reveal have not been run."""
    execute(notebook, "notebook:clear-all-cell-outputs")
    expect(notebook.locator(".cs826tl")).to_have_count(0)
    go_to_results(notebook)
    execute(notebook, "notebook:run-all-above")
    fresh = notebook.locator(".jp-OutputArea .cs826tl")
    expect(fresh).to_have_count(2)
    return fresh


def go_to_results(page: Page) -> None:
    page.locator(".jp-CodeCell").nth(len(ASKING)).locator(".cm-content").click()


def reveal(page: Page) -> Locator:
    """Run the cells that reveal; give the guesses that they show."""
    go_to_results(page)
    execute(page, "notebook:run-all-below")
    expect(page.locator(".cs826tl")).to_have_count(4)
    return page.locator(".cs826tl")


def test_a_guess_is_committed_shown_beside_the_result_and_locked(
    notebook: Page, guesses: Locator
) -> None:
    guesses.nth(0).get_by_role("radio", name="some").check()
    guesses.nth(0).get_by_role("button", name="Commit").click()
    expect(guesses.nth(0).get_by_role("status")).to_contain_text("Committed: some.")
    guesses.nth(1).get_by_role("spinbutton", name="Your guess").fill("0.4")
    guesses.nth(1).get_by_role("button", name="Commit").click()
    expect(guesses.nth(1).get_by_role("status")).to_contain_text("Committed: 0.4.")
    shown = reveal(notebook)
    for place in (0, 2):  # where it was asked, and where it was revealed
        expect(shown.nth(place).locator("dd")).to_have_text(["some", "all nine"])
        expect(shown.nth(place)).to_contain_text("A surprise.")
        expect(shown.nth(place).get_by_role("button")).to_have_count(0)
    expect(shown.nth(3).locator("dd")).to_have_text(["0.4", "0.31"])
    expect(shown.nth(3)).to_contain_text("No surprise.")
    tally = notebook.locator(".jp-RenderedHTML").last
    expect(tally).to_contain_text("1 of 2 results surprised you.")
    expect(tally.get_by_role("row")).to_have_count(3)


def test_without_a_guess_the_result_just_shows(notebook: Page, guesses: Locator) -> None:
    shown = reveal(notebook)
    expect(shown.nth(2).locator("dd")).to_have_text(["all nine"])
    expect(shown.nth(3).locator("dd")).to_have_text(["0.31"])
    expect(notebook.locator(".jp-RenderedHTML").last).to_contain_text("No guess yet.")


def test_the_keyboard_alone_is_enough(notebook: Page, guesses: Locator) -> None:
    keys = notebook.keyboard
    choice, number = guesses.nth(0), guesses.nth(1)
    choice.get_by_role("radio").first.focus()
    keys.press("Space")
    keys.press("ArrowDown")
    expect(choice.get_by_role("radio", name="some")).to_be_checked()
    keys.press("Tab")
    expect(choice.get_by_role("button", name="Commit")).to_be_focused()
    for key in ["d", "d", "x", "a"]:  # Lab: delete, cut, insert
        keys.press(key)
    keys.press("Enter")
    expect(choice.get_by_role("status")).to_contain_text("Committed: some.")
    expect(choice.get_by_role("button", name="Commit")).to_be_focused()
    number.get_by_role("spinbutton").focus()
    keys.type("2")
    keys.press("Enter")
    expect(number.get_by_role("alert")).to_contain_text("2 is out of range")
    keys.press("Backspace")
    keys.type("0.25")
    keys.press("Enter")
    expect(number.get_by_role("status")).to_contain_text("Committed: 0.25.")
    expect(number.get_by_role("alert")).to_be_empty()
    expect(notebook.locator(".jp-Notebook .jp-CodeCell")).to_have_count(len(CELLS))


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious(notebook: Page, guesses: Locator, theme: str) -> None:
    use_theme(notebook, theme)
    guesses.nth(0).get_by_role("radio", name="some").check()
    guesses.nth(0).get_by_role("button", name="Commit").click()
    guesses.nth(1).get_by_role("button", name="Commit").click()
    expect(guesses.nth(1).get_by_role("alert")).to_contain_text("Type a number")
    assert check_accessible(notebook) > 8
    reveal(notebook)
    assert check_accessible(notebook) > 12
