"""The text probe in a real JupyterLab: write, read the answers, by keyboard."""

import pytest

from tests.browser import Page, check_accessible, expect, run_all

pytestmark = pytest.mark.slow

CELLS = [
    """import numpy as np
from cs826tl.lectures.text_transfer import text_probe

def fond(texts):
    return np.array([[0.2, 0.8] if "good" in text else [0.9, 0.1] for text in texts])

def severe(texts):
    return np.array([[0.7, 0.3] for text in texts])

text_probe({"fond": fond, "severe": severe}, "a good film")"""
]


def test_write_and_choose_by_keyboard(notebook: Page) -> None:
    explorer = run_all(notebook, 1)
    status = explorer.get_by_role("status")
    expect(status).to_contain_text("fond: positive; severe: negative.")
    row = explorer.get_by_role("row", name="good")
    expect(row.get_by_role("cell").first).to_have_text("+0.70")
    picture = explorer.get_by_role("img").get_attribute("src")

    field = explorer.get_by_role("textbox", name="Your review")
    field.fill("a dull film")
    notebook.keyboard.press("Enter")
    expect(status).to_contain_text("fond: negative; severe: negative.")
    expect(explorer.get_by_role("row", name="dull").get_by_role("cell").first).to_have_text("+0.00")
    assert explorer.get_by_role("img").get_attribute("src") != picture

    answers = explorer.get_by_role("row", name="severe").get_by_role("cell")
    expect(answers).to_have_text(["negative", "0.70"])

    field.fill(" ")
    notebook.keyboard.press("Enter")
    expect(explorer.get_by_role("alert")).to_contain_text("no words: write a sentence")


def test_axe_finds_nothing_serious(notebook: Page) -> None:
    run_all(notebook, 1)
    assert check_accessible(notebook) > 20
