"""The decks: they need no network, and every screen of every notebook fits."""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

sync_api = pytest.importorskip("playwright.sync_api")

from tools import slides  # noqa: E402
from tools.chromium import OPTIONS  # noqa: E402
from tools.notebooks import course_notebooks  # noqa: E402
from tools.npm import folder_of  # noqa: E402
from tools.slides import REVEAL  # noqa: E402

SCREEN = 720
MARGIN = 15  # pixels that reveal.js leaves above and below


@pytest.fixture(scope="module", autouse=True)
def _reveal() -> None:
    try:
        folder_of(REVEAL)
    except OSError as problem:
        pytest.skip(f"no reveal.js in the cache, and it could not be fetched: {problem}")


@pytest.fixture(scope="module")
def page(chromium: str) -> "Iterator[sync_api.Page]":
    """Open a browser that has no network; at the end, fail if a deck asked for it."""
    asked: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        page = browser.new_page(viewport=slides.SCREEN)
        page.context.set_offline(True)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: asked.append(str(error)))
        yield page
        browser.close()
    assert not [what for what in asked if not what.startswith(("file:", "data:"))]


def screen(cell: NotebookNode, slide_type: str = "slide") -> NotebookNode:
    cell.metadata.slideshow = {"slide_type": slide_type}
    return cell


def look(page: "sync_api.Page", folder: Path, *cells: NotebookNode) -> list[slides.Screen]:
    nbformat.write(new_notebook(cells=list(cells)), folder / "lesson.ipynb")
    return list(slides.look(page, slides.write_deck(folder / "lesson.ipynb", folder)))


def test_what_does_not_fit_is_measured_and_named(page: "sync_api.Page", tmp_path: Path) -> None:
    tall, line = '<div style="height: 1000px">tall</div>', "x = " + "1 + " * 30 + "1"
    small, too_tall, too_wide, hidden = look(
        page,
        tmp_path,
        screen(new_markdown_cell("## Small\n\nIt fits.")),
        screen(new_markdown_cell(f"## Tall\n\n{tall}\n\nBelow.")),
        screen(new_code_cell(line), "subslide"),
        screen(new_markdown_cell("## Hidden")),
        screen(new_markdown_cell(f"{tall}\n\nBelow."), "fragment"),
        screen(new_markdown_cell(tall + tall), "skip"),
    )
    assert str(small) == "1.1 'Small': fits"
    assert (too_tall.number, too_tall.title, too_tall.width) == ("2.1", "Tall", 0)
    assert too_tall.height == pytest.approx(1000 * 0.96 + MARGIN - SCREEN + 120, abs=60)
    assert (too_wide.number, too_wide.title, too_wide.height) == ("2.2", line[:60], 0)
    assert too_wide.width == pytest.approx(0.96 * 19 * 0.602 * len(line) - 0.96 * 1145, abs=25)
    assert hidden.height > 250
    assert [s.fits for s in (small, too_tall, too_wide, hidden)] == [True, False, False, False]
    pictures = sorted(path.name for path in (tmp_path / "lesson").iterdir())
    assert pictures == ["01-01.png", "02-01.png", "02-02.png", "03-01.png"]


def test_a_picture_is_shrunk_until_it_leaves_room(page: "sync_api.Page", tmp_path: Path) -> None:
    svg = "<svg xmlns='http://www.w3.org/2000/svg' width='300' height='{}'/>"
    for height, shown in [(300, 300), (800, 400)]:
        html = f'<img alt="" src="data:image/svg+xml,{svg.format(height)}">'.replace("#", "%23")
        output = new_output("display_data", data={"text/html": html})
        cell = screen(new_code_cell("draw()", outputs=[output]))
        assert [s.fits for s in look(page, tmp_path, cell)] == [True]
        assert page.locator("section img").evaluate("img => img.height") == shown


def test_mathematics_is_typeset_and_a_dollar_in_code_is_none(
    page: "sync_api.Page", tmp_path: Path
) -> None:
    html = new_output("execute_result", data={"text/html": "<b>$a_t$</b> <code>$x$</code>"})
    text = "So $7 \\times 7$ and `$HOME` and\n\n$$\\frac{a}{b}$$\n\n```\n$PATH $y\n```"
    cells = [screen(new_markdown_cell(text)), new_code_cell("a", outputs=[html])]
    look(page, tmp_path, *cells)
    assert page.locator("section math").count() == 3
    assert page.locator("section math mfrac").count() == 1
    shown = page.locator("section section").inner_text()
    assert re.findall(r"\$\w+", shown) == ["$HOME", "$PATH", "$y", "$x"]


def test_a_deck_asks_the_network_for_nothing() -> None:
    deck = slides.deck(new_notebook(cells=[screen(new_markdown_cell("# A lesson"))]))
    sources = re.findall(r"<(?:script|link)\b[^>]*(?:src|href)=[\"']([^\"']+)", deck)
    assert len(sources) == 4  # reveal.js, its notes, its style sheet, a theme
    assert all(source.startswith("reveal.js-") for source in sources)


@pytest.mark.slow
@pytest.mark.parametrize("path", course_notebooks(), ids=lambda path: path.stem)
def test_every_screen_fits(page: "sync_api.Page", tmp_path: Path, path: Path) -> None:
    screens = list(slides.look(page, slides.write_deck(path, tmp_path)))
    assert len(screens) > 5
    assert not [str(screen) for screen in screens if not screen.fits]
