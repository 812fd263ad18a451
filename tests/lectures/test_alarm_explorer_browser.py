"""The alarm explorer in a real JupyterLab: set costs and the threshold by keyboard, and read."""

import pytest

from tests.browser import Page, check_accessible, expect, run_all

pytestmark = pytest.mark.slow

CELLS = [
    """import numpy as np
from cs826tl.lectures.applications import alarm_explorer

def scored(seed, shift):
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 2, 200)
    return labels, generator.normal(size=200) * 2 + 3 * labels + shift

alarm_explorer({
    "spam": {"public": scored(0, -1.5), "inbox": scored(1, -4)},
    "intrusion": {"known": scored(2, -1.5), "new": scored(3, 5)},
})"""
]


def test_costs_and_threshold_are_set_by_keyboard(notebook: Page) -> None:
    explorer = run_all(notebook, 1)
    status = explorer.get_by_role("status")
    expect(status).to_contain_text("Alarm from 0.00 on.")

    explorer.get_by_role("slider", name="By hand, in log-odds").focus()
    for _ in range(4):
        notebook.keyboard.press("ArrowRight")
    expect(status).to_contain_text("Alarm from 1.00 on.")
    picture = explorer.get_by_role("img").get_attribute("src")

    explorer.get_by_role("spinbutton", name="A miss costs").fill("50")
    notebook.keyboard.press("Enter")
    explorer.get_by_role("group", name="Threshold").get_by_role("radio", name=CHEAPEST).focus()
    notebook.keyboard.press("Space")
    expect(status).not_to_contain_text("Alarm from 1.00 on.")
    assert explorer.get_by_role("img").get_attribute("src") != picture

    explorer.get_by_role("group", name="Application").get_by_role("radio", name="spam").focus()
    notebook.keyboard.press("ArrowDown")
    expect(status).to_contain_text("on known and")
    expect(explorer.get_by_role("columnheader", name="new")).to_be_visible()
    assert check_accessible(notebook) > 20


CHEAPEST = "the cheapest on the source"
