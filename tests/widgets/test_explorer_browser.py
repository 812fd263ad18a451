"""The explorer's front end in a real JupyterLab: every control by mouse and by keyboard."""

from pathlib import Path

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

CELLS = [
    """import time
from cs826tl.widgets.controllers import Progress, Table, View
from cs826tl.widgets.controls import Choice, File, Number, Press, Words
from cs826tl.widgets.explorer import Explorer

class Playground:
    title, help = "Playground", "Move things, and see them moved."

    def __init__(self):
        self.values = {"colour": "red", "animal": "cat", "x": 2, "y": 2, "words": "", "file": b""}
        self.served = 0

    def controls(self):
        v = self.values
        more = (Words("more", "More words"),) if v["colour"] == "blue" else ()
        ant = ("ant",) if v["animal"] == "pig" else ()
        return (
            Choice("colour", "Colour", ("red", "blue", "green"), v["colour"]),
            Choice("animal", "Animal", ("cat", "dog", "hen", "cow", "pig", "owl", *ant),
                   v["animal"]),
            Number("x", "Across", 0, 10, 1, v["x"]),
            Number("y", "Up", 0, 5, 0.5, v["y"]),
            *more,
            Words("words", "Words", v["words"], "anything"),
            File("file", "File", "text/plain"),
            Press("work", "Work"),
        )

    def set(self, name, value):
        if value == "fail":
            raise ValueError("this word fails")
        if value == "slow":
            time.sleep(1)
        self.served += 1
        self.values[name] = value

    def view(self):
        time.sleep(0.5 * (self.values["y"] == 0))  # an answer that comes while one types on
        shown = {**self.values, "file": len(self.values["file"]), "served": self.served}
        rows = tuple((name, str(value)) for name, value in shown.items())
        return View(
            f"{self.values['colour']} {self.values['animal']} at {self.values['x']}, "
            f"{self.values['y']}; {self.values['words']}",
            (Table("All values", ("what", "value"), rows), Table("Again", ("a", "b"), rows)),
            self.draw, alt="A point on a plane.",
        )

    def draw(self, ax):
        ax.plot(self.values["x"], self.values["y"], "x", color="black")
        ax.set(xlim=(0, 10), ylim=(0, 5), xlabel="across", ylabel="up")

    def press(self, name):
        pieces = 10_000 if self.values["words"] == "endless" else 5
        for k in range(pieces):
            time.sleep(0.02)
            yield Progress((k + 1) / pieces, f"piece {k + 1}")
        self.values["words"] = "worked"
""",
    "Explorer(Playground())",
]


@pytest.fixture
def explorer(notebook: Page) -> Locator:
    return run_all(notebook, 1).first


def says(explorer: Locator, words: str) -> None:
    expect(explorer.get_by_role("status")).to_have_text(words)


def cell(explorer: Locator, name: str) -> Locator:
    table = explorer.get_by_role("table", name="All values")
    return table.get_by_role("row", name=name).get_by_role("cell")


def test_every_control_by_mouse(explorer: Locator, tmp_path: Path) -> None:
    says(explorer, "red cat at 2, 2; ")
    before = explorer.get_by_role("img").get_attribute("src")
    explorer.get_by_role("radio", name="green").click()
    explorer.get_by_role("combobox", name="Animal").select_option("owl")
    slider = explorer.get_by_role("slider", name="Across")
    box = slider.bounding_box()
    assert box is not None
    slider.click(position={"x": box["width"] - 3, "y": box["height"] / 2})
    says(explorer, "green owl at 10, 2; ")
    expect(explorer.get_by_role("spinbutton", name="Across")).to_have_value("10")
    assert explorer.get_by_role("img").get_attribute("src") != before
    explorer.get_by_role("textbox", name="Words").fill("hello")
    explorer.get_by_role("status").click()  # leaving the field counts
    says(explorer, "green owl at 10, 2; hello")
    (tmp_path / "seven.txt").write_text("7 bytes")
    explorer.get_by_label("File").set_input_files(tmp_path / "seven.txt")
    expect(cell(explorer, "file")).to_have_text("7")


def test_every_control_by_keyboard(notebook: Page, explorer: Locator) -> None:
    keys = notebook.keyboard
    explorer.get_by_role("radio", name="red").focus()
    keys.press("ArrowDown")
    expect(explorer.get_by_role("radio", name="blue")).to_be_focused()
    expect(explorer.get_by_role("textbox", name="More words")).to_be_visible()  # a control came
    expect(explorer.get_by_role("radio", name="blue")).to_be_focused()  # and the focus stayed
    for key in "dda":  # Lab would delete the cell, then insert one
        keys.press(key)
    keys.press("Tab")
    expect(explorer.get_by_role("combobox", name="Animal")).to_be_focused()
    keys.press("ArrowDown")
    keys.press("Tab")
    keys.press("ArrowRight")
    keys.press("Tab")
    keys.press("ArrowUp")  # the field of the same number
    says(explorer, "blue dog at 4, 2; ")
    keys.press("Tab")
    keys.press("Home")
    keys.press("Tab")
    keys.type("99")  # more than there is
    says(explorer, "blue dog at 4, 0.0; ")  # the answer comes, and what is typed stays
    keys.press("Enter")
    says(explorer, "blue dog at 4, 5.0; ")
    expect(explorer.get_by_role("spinbutton", name="Up")).to_have_value("5")
    keys.press("Tab")
    keys.press("Tab")
    keys.type("dd")
    keys.press("Enter")
    says(explorer, "blue dog at 4, 5.0; dd")
    expect(notebook.locator(".jp-Notebook .jp-CodeCell")).to_have_count(len(CELLS))
    keys.press("Tab")
    expect(explorer.get_by_label("File")).to_be_focused()
    keys.press("Tab")
    expect(explorer.get_by_role("button", name="Work")).to_be_focused()
    keys.press("Enter")
    says(explorer, "blue dog at 4, 5.0; worked")
    expect(explorer.get_by_role("button", name="Work")).to_be_focused()
    expect(explorer.get_by_role("textbox", name="Words", exact=True)).to_have_value("worked")


def test_a_control_whose_options_change_keeps_the_focus(notebook: Page, explorer: Locator) -> None:
    animals = explorer.get_by_role("combobox", name="Animal")
    animals.focus()
    notebook.keyboard.press("p")
    expect(animals.get_by_role("option")).to_have_count(7)
    expect(animals).to_be_focused()
    expect(animals).to_have_value("pig")


def test_while_python_is_busy_only_the_latest_of_many_moves_is_served(explorer: Locator) -> None:
    explorer.get_by_role("textbox", name="Words").fill("slow")
    slider = explorer.get_by_role("slider", name="Across")
    slider.focus()  # leaves the field
    for _ in range(8):
        slider.press("ArrowRight")
    says(explorer, "red cat at 10, 2; slow")
    expect(slider).to_have_value("10")
    assert int(cell(explorer, "served").inner_text()) <= 3


def test_an_error_is_shown_and_then_gone(explorer: Locator) -> None:
    words = explorer.get_by_role("textbox", name="Words")
    words.fill("fail")
    words.press("Enter")
    expect(explorer.get_by_role("alert")).to_have_text("this word fails")
    says(explorer, "red cat at 2, 2; ")
    explorer.get_by_role("radio", name="blue").click()
    expect(explorer.get_by_role("alert")).to_be_empty()


def test_too_large_a_file_is_refused_at_once(explorer: Locator, tmp_path: Path) -> None:
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(9_000_000)
    explorer.get_by_label("File").set_input_files(tmp_path / "large.txt")
    expect(explorer.get_by_role("alert")).to_contain_text("large.txt has 9 MB")


def test_work_shows_progress_and_can_be_stopped(explorer: Locator) -> None:
    words = explorer.get_by_role("textbox", name="Words")
    words.fill("endless")
    words.press("Enter")
    explorer.get_by_role("button", name="Work").click()
    expect(explorer.get_by_role("progressbar")).to_be_visible()
    expect(explorer.locator(".run")).to_contain_text("piece")
    expect(words).to_be_disabled()
    explorer.get_by_role("button", name="Stop").click()
    expect(explorer.get_by_role("progressbar")).to_be_hidden()
    expect(words).to_be_enabled()
    says(explorer, "red cat at 2, 2; endless")


def test_work_waits_for_what_was_set_before_the_press(explorer: Locator) -> None:
    explorer.get_by_role("textbox", name="Words").fill("slow")
    explorer.get_by_role("combobox", name="Animal").select_option("hen")  # "slow" is sent, and slow
    explorer.get_by_role("radio", name="green").click()
    explorer.get_by_role("button", name="Work").click()
    says(explorer, "green hen at 2, 2; worked")


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious(notebook: Page, explorer: Locator, theme: str) -> None:
    use_theme(notebook, theme)
    words = explorer.get_by_role("textbox", name="Words")
    words.fill("fail")
    words.press("Enter")
    expect(explorer.get_by_role("alert")).not_to_be_empty()
    assert check_accessible(notebook) > 40
    assert explorer.get_by_role("img").get_attribute("alt") == "A point on a plane."


def test_a_narrow_page_needs_no_scrolling_sideways(notebook: Page, explorer: Locator) -> None:
    explorer.evaluate("e => e.parentElement.style.width = '340px'")
    assert explorer.evaluate("e => e.scrollWidth <= e.clientWidth")
    image, settings = explorer.get_by_role("img"), explorer.locator(".settings")
    above, below = settings.bounding_box(), image.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] < below["y"]
    assert below["width"] < 340
