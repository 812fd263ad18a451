"""A quiz in a real JupyterLab in headless Chromium."""

import pytest

from tests.browser import (
    THEMES,
    Locator,
    Page,
    check_accessible,
    expect,
    run_all,
    use_theme,
)

pytestmark = pytest.mark.slow

QUIZ = r"""
[[question]]
kind = "one"
ask = 'How many numbers are $7 \times 7$ of them?'
option = [
    { text = "$49$", right = true, why = "Seven rows of seven." },
    { text = "`14`", right = false, why = "That is the sum." },
]
[[question]]
kind = "several"
ask = "Which are odd?"
option = [
    { text = "one", right = true, why = "Odd." },
    { text = "two", right = false, why = "Even." },
    { text = "three", right = true, why = "Odd, too." },
]
[[question]]
kind = "number"
ask = "How many numbers in a code of VGG16?"
answer = 4096
within = 0
why = "One for each neuron of `fc7`."
hint = "Count the neurons of `fc7`."
"""
CELLS = [
    f"""from cs826tl.widgets.quizzes import Quiz
from cs826tl.widgets.quiz_files import parse_quiz

Quiz(parse_quiz({QUIZ!r}, "test"))"""
]


@pytest.fixture
def quiz(notebook: Page) -> Locator:
    return run_all(notebook, 1)


def question(quiz: Locator, number: int) -> Locator:
    return quiz.locator("form").nth(number - 1)


def check(quiz: Locator, number: int) -> None:
    quiz.get_by_role("button", name=f"Check question {number}").click()


def test_a_wrong_answer_is_explained_and_the_right_one_counted(quiz: Locator) -> None:
    first = question(quiz, 1)
    first.get_by_role("radio", name="14").check()
    check(quiz, 1)
    expect(first.get_by_role("status")).to_contain_text("Not yet")
    expect(first.get_by_role("status")).to_contain_text("That is the sum.")
    expect(quiz).to_contain_text("0 of 3 right")
    first.get_by_role("radio").first.check()
    check(quiz, 1)
    expect(first.get_by_role("status")).to_contain_text("Seven rows of seven.")
    expect(first.get_by_role("status")).not_to_contain_text("That is the sum.")
    expect(quiz).to_contain_text("1 of 3 right")


def test_several_may_be_right_and_a_number_is_typed(quiz: Locator) -> None:
    second, third = question(quiz, 2), question(quiz, 3)
    second.get_by_role("checkbox", name="one").check()
    check(quiz, 2)
    expect(second.get_by_role("status")).to_contain_text("there is more")
    second.get_by_role("checkbox", name="three").check()
    check(quiz, 2)
    expect(second.get_by_role("status")).to_contain_text("✓ Right.")
    third.get_by_role("spinbutton", name="Your answer").fill("512")
    check(quiz, 3)
    expect(third.get_by_role("status")).to_contain_text("Count the neurons of fc7.")
    third.get_by_role("spinbutton").fill("4096")
    check(quiz, 3)
    expect(third.get_by_role("status")).to_contain_text("One for each neuron")
    expect(quiz).to_contain_text("2 of 3 right")


def test_no_answer_is_asked_for(quiz: Locator) -> None:
    check(quiz, 2)
    expect(question(quiz, 2).get_by_role("alert")).to_have_text("Choose first, then check.")
    check(quiz, 3)
    expect(question(quiz, 3).get_by_role("alert")).to_contain_text("Type a number")
    question(quiz, 2).get_by_role("checkbox", name="two").check()
    check(quiz, 2)
    expect(question(quiz, 2).get_by_role("alert")).to_be_empty()


def test_mathematics_is_typeset_by_the_browser_itself(quiz: Locator) -> None:
    expect(question(quiz, 1).locator("legend math mn")).to_have_text(["7", "7"])
    expect(question(quiz, 1).locator("label math")).to_have_count(1)
    expect(quiz.locator("mjx-container")).to_have_count(0)
    assert "$" not in quiz.inner_text()


def test_the_keyboard_alone_is_enough(notebook: Page, quiz: Locator) -> None:
    keys = notebook.keyboard
    first = question(quiz, 1)
    first.get_by_role("radio").first.focus()
    keys.press("ArrowDown")
    expect(first.get_by_role("radio", name="14")).to_be_checked()
    expect(first.get_by_role("radio", name="14")).to_be_focused()
    keys.press("Enter")
    expect(first.get_by_role("status")).to_contain_text("That is the sum.")
    keys.press("ArrowUp")
    keys.press("Tab")
    expect(quiz.get_by_role("button", name="Check question 1")).to_be_focused()
    keys.press("Space")
    expect(first.get_by_role("status")).to_contain_text("✓ Right.")
    expect(quiz.get_by_role("button", name="Check question 1")).to_be_focused()
    keys.press("Tab")
    keys.press("Space")
    expect(question(quiz, 2).get_by_role("checkbox", name="one")).to_be_checked()
    for key in ["d", "d", "x", "a"]:  # Lab: delete, cut, insert
        keys.press(key)
    expect(notebook.locator(".jp-Notebook .jp-CodeCell")).to_have_count(len(CELLS))


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious(notebook: Page, quiz: Locator, theme: str) -> None:
    use_theme(notebook, theme)
    question(quiz, 1).get_by_role("radio").first.check()
    check(quiz, 1)
    expect(question(quiz, 1).get_by_role("status")).to_contain_text("Right")
    question(quiz, 2).get_by_role("checkbox", name="two").check()
    check(quiz, 2)
    expect(question(quiz, 2).get_by_role("status")).to_contain_text("Not yet")
    check(quiz, 3)
    expect(question(quiz, 3).get_by_role("alert")).not_to_be_empty()
    assert check_accessible(notebook) > 15
