"""The freezing panel in a real JupyterLab in headless Chromium, as a learner meets it."""

import pytest

from cs826tl import fit, freeze, load_backbone, load_task, with_head
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

CELLS = [
    """from cs826tl import load_backbone, load_task
from cs826tl.widgets import freezing_panel

backbone = load_backbone("small_vgg", weights="random")  # random weights: only the panel counts
task = load_task("digits", shots=20)""",
    """panel = freezing_panel(backbone, task, through="block2", epochs=3)
panel""",
    """endless = freezing_panel(backbone, task, epochs=1_000_000)
endless""",
    """broken = freezing_panel(backbone, task)
broken.controller.lr = 'fast'
broken""",
]


@pytest.fixture
def panels(notebook: Page) -> Locator:
    """Run all cells, and give the three fresh panels."""
    return run_all(notebook, 3)


@pytest.fixture
def panel(panels: Locator) -> Locator:
    return panels.nth(0)


def tile(panel: Locator, name: str) -> Locator:
    return panel.get_by_role("listitem").get_by_role("button", name=f"{name} ").first


def press(panel: Locator, name: str) -> None:
    panel.get_by_role("button", name=name).click()


def frozen(panel: Locator) -> list[str]:
    return panel.locator(".tile[aria-pressed=true] b").all_inner_texts()


def trainable(panel: Locator) -> Locator:
    return panel.locator(".cards > div").first.locator("dd b")


def expected_trainable(*stages: str) -> str:
    model = load_backbone("small_vgg", weights="random")
    if stages:
        freeze(model, *stages)
    return f"{sum(p.numel() for p in model.parameters() if p.requires_grad):,}"


def test_a_click_freezes_a_stage_and_the_numbers_follow(panel: Locator) -> None:
    expect(trainable(panel)).to_have_text(expected_trainable("block1", "block2"))
    tile(panel, "fc").click()
    expect(tile(panel, "fc")).to_have_attribute("aria-pressed", "true")
    expect(tile(panel, "fc")).to_contain_text("frozen")
    expect(trainable(panel)).to_have_text(expected_trainable("block1", "block2", "fc"))
    tile(panel, "block1").click()
    expect(tile(panel, "block1")).to_contain_text("fine-tuned")
    expect(trainable(panel)).to_have_text(expected_trainable("block2", "fc"))
    expect(panel.get_by_role("status")).to_contain_text("Run in every epoch: block1 to head")


def test_one_press_freezes_up_to_a_stage(panel: Locator) -> None:
    press(panel, "freeze to here: up to fc")
    expect(trainable(panel)).to_have_text(expected_trainable("block1", "block2", "block3", "fc"))
    assert frozen(panel) == ["block1", "block2", "block3", "fc"]
    press(panel, "freeze to here: up to block1")
    expect(trainable(panel)).to_have_text(expected_trainable("block1"))
    assert frozen(panel) == ["block1"]
    press(panel, "freeze none")
    expect(trainable(panel)).to_have_text(expected_trainable())
    assert frozen(panel) == []


def test_the_keyboard_alone_is_enough(notebook: Page, panel: Locator) -> None:
    keys = notebook.keyboard
    panel.get_by_role("button", name="freeze none").focus()
    keys.press("Tab")
    expect(tile(panel, "block1")).to_be_focused()
    keys.press("Space")
    expect(trainable(panel)).to_have_text(expected_trainable("block2"))
    expect(tile(panel, "block1")).to_be_focused()
    keys.press("Enter")
    expect(trainable(panel)).to_have_text(expected_trainable("block1", "block2"))
    for key in ["d", "d", "x", "a", "b", "ArrowDown"]:  # Lab: delete, cut, insert, insert, move
        keys.press(key)
    expect(notebook.locator(".jp-Notebook .jp-CodeCell")).to_have_count(len(CELLS))
    expect(tile(panel, "block1")).to_be_focused()
    for _ in range(9):  # three more stages and the head, four times "freeze to here", Train
        keys.press("Tab")
    expect(panel.get_by_role("button", name="Train")).to_be_focused()
    keys.press("Enter")
    expect(panel.get_by_role("status")).to_contain_text("Run 1: validation accuracy")
    expect(panel.get_by_role("button", name="Train")).to_be_focused()


def test_training_shows_accuracy_time_and_audit(panel: Locator) -> None:
    press(panel, "Train 3 epochs")
    expect(panel.get_by_role("status")).to_contain_text("Nothing frozen moved.")
    task = load_task("digits", shots=20)
    model = with_head(load_backbone("small_vgg", weights="random"), task.classes)
    history = fit(freeze(model, through="block2"), task, epochs=3, progress=False)
    curve = panel.get_by_role("img").get_attribute("aria-label") or ""
    shown = [float(value) for value in curve.partition(": ")[2].split(", ")]
    assert shown == pytest.approx(history["validation_accuracy"], abs=0.03)
    rows = panel.get_by_role("table", name="audit").get_by_role("row").all_inner_texts()
    verdicts = {row.split()[0]: row.split("\t")[-1] for row in rows[1:]}
    assert verdicts["block1"] == verdicts["block2"] == "✓ frozen, did not move"
    assert verdicts["block3"] == verdicts["head"] == "✓ trainable, moved"
    expect(panel.get_by_role("table", name="time").get_by_role("row")).to_have_count(4)
    press(panel, "freeze none")
    press(panel, "Train 3 epochs")
    expect(panel.get_by_role("table", name="All runs").get_by_role("row")).to_have_count(3)
    expect(panel.get_by_role("progressbar")).to_be_hidden()


def test_stop_ends_training_and_toggles_wait_meanwhile(panels: Locator) -> None:
    endless = panels.nth(1)
    press(endless, "Train")
    expect(endless.get_by_role("progressbar")).to_be_visible()
    expect(endless.locator(".run")).to_contain_text("epoch")
    before = frozen(endless)
    tile(endless, "block1").click(force=True)  # it is marked as disabled
    assert frozen(endless) == before
    press(endless, "Stop")
    expect(endless.get_by_role("status")).to_contain_text("stopped by you")
    tile(endless, "block1").click()
    expect(tile(endless, "block1")).to_have_attribute("aria-pressed", "false")


def test_what_goes_wrong_is_shown_in_the_panel(panels: Locator) -> None:
    panel, broken = panels.nth(0), panels.nth(2)
    press(panel, "freeze none")
    for name in ("block1", "block2", "block3", "fc", "head"):
        tile(panel, name).click()
    expect(panel.get_by_role("status")).to_contain_text("Everything is frozen")
    press(panel, "Train")
    expect(panel.get_by_role("alert")).to_contain_text("Nothing can be trained")
    tile(panel, "head").click()
    expect(panel.get_by_role("alert")).to_be_empty()
    press(broken, "Train")
    expect(broken.get_by_role("alert")).to_contain_text("the learning rate of block1 is 'fast'")


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious(notebook: Page, panels: Locator, theme: str) -> None:
    use_theme(notebook, theme)
    press(panels.nth(0), "Train")  # one panel with results, one as it starts, one with an alert
    expect(panels.nth(0).get_by_role("status")).to_contain_text("Run 1")
    panels.nth(2).evaluate("panel => panel.querySelector('.alert').textContent = 'an alert'")
    assert check_accessible(notebook, unsure=("<text",)) > 150  # one digit beside an axis
