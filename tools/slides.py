"""Write the notebooks' decks so that they work without a network, and look whether they fit.

Usage: `python -m tools.slides [NOTEBOOK ...]`.

Into `build/slides` go one deck a notebook, as `jupyter nbconvert --to slides` makes it from
`tools/slides.json`, but with reveal.js beside it and mathematics as MathML; and a picture of every
screen. A screen whose content does not fit into a window of 1280×720 is named, and is an error.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from latex2mathml.converter import convert
from nbconvert.exporters import SlidesExporter
from nbformat import NotebookNode
from playwright.sync_api import Page, sync_playwright
from traitlets.config.loader import JSONFileConfigLoader

from cs826tl.assets.releases import NpmPackage
from tools.chromium import ABSENT, OPTIONS, find_chromium
from tools.notebooks import CHECKOUT, course_notebooks, write
from tools.npm import folder_of

REVEAL = NpmPackage(  # 2.3 MB, MIT licence
    "reveal.js",
    "4.0.2",  # as nbconvert's own decks
    "0c234d5bfe539606c1af4bcc031f0d21ed99e264d90b7859abad34f7e3a0c587",
    ("package/LICENSE", "package/dist/*", "package/plugin/notes/*"),
)
HERE = Path(__file__).parent
DECKS = CHECKOUT / "build" / "slides"
SCREEN = {"width": 1280, "height": 720}
BADGE = re.compile(r"^\[!\[.*\n", re.MULTILINE)
# Code comes first, so that a dollar in it stays one.
CODE_OR_MATHEMATICS = re.compile(
    r"(?P<code>```.*?```|`[^`]*`|<code>.*?</code>)|\$\$(?P<block>.+?)\$\$|\$(?P<inline>[^$\n]+)\$",
    re.S,
)


@dataclass(frozen=True)
class Screen:
    """One screen of a deck: its place, its heading, and by how many pixels it is too large."""

    number: str
    title: str
    height: int
    width: int

    def __str__(self) -> str:
        too = {"too tall": self.height, "too wide": self.width}
        faults = ", ".join(f"{pixels} px {what}" for what, pixels in too.items() if pixels > 1)
        return f"{self.number} {self.title!r}: {faults or 'fits'}"

    @property
    def fits(self) -> bool:
        """Whether all of it can be seen; a pixel more is rounding."""
        return self.height <= 1 and self.width <= 1


def deck(notebook: NotebookNode) -> str:
    """Return a notebook's deck as HTML, which looks for reveal.js in a folder beside it."""
    exporter = SlidesExporter(
        config=JSONFileConfigLoader("slides.json", str(HERE)).load_config(),
        exclude_anchor_links=True,  # they would change the address, which says which slide it is
        extra_template_basedirs=[str(HERE)],
        template_name="deck",
        reveal_url_prefix=f"reveal.js-{REVEAL.version}",
    )
    html, _ = exporter.from_notebook_node(standing_alone(notebook))
    return str(html)


def standing_alone(notebook: NotebookNode) -> NotebookNode:
    """Return a copy that needs no network: mathematics is MathML, and there are no badges."""
    copy = nbformat.from_dict(notebook)
    for cell in copy.cells:
        if cell.cell_type == "markdown":
            cell.source = CODE_OR_MATHEMATICS.sub(typeset, BADGE.sub("", cell.source))
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                html = output.data["text/html"]
                output.data["text/html"] = CODE_OR_MATHEMATICS.sub(typeset, html)
    return copy


def typeset(found: re.Match[str]) -> str:
    """Return mathematics as MathML, and code as it is."""
    if found["code"]:
        return found[0]
    if found["block"]:
        return convert(found["block"], display="block")
    return convert(found["inline"])


def write_deck(path: Path, folder: Path = DECKS) -> Path:
    """Write a notebook's deck into the folder, with reveal.js; return where it is."""
    shutil.copytree(folder_of(REVEAL), folder / f"reveal.js-{REVEAL.version}", dirs_exist_ok=True)
    written = folder / f"{path.stem}.slides.html"
    write(written, deck(nbformat.read(path, as_version=4)))
    return written


def look(page: Page, path: Path) -> Iterator[Screen]:
    """Go through a deck in a browser, save a picture of every screen, and say whether it fits."""
    pictures = path.with_name(path.name.partition(".")[0])
    shutil.rmtree(pictures, ignore_errors=True)
    page.goto(path.as_uri())
    page.wait_for_function("window.Reveal?.isReady()")
    page.evaluate("Reveal.configure({ transition: 'none', fragments: false })")
    page.evaluate("document.fonts.ready")
    measure = (HERE / "deck.js").read_text(encoding="utf-8")
    for place in page.evaluate("Reveal.getSlides().map((slide) => Reveal.getIndices(slide))"):
        h, v = place["h"] + 1, place["v"] + 1
        page.evaluate("({ h, v }) => Reveal.slide(h, v)", place)
        page.screenshot(path=pictures / f"{h:02}-{v:02}.png")
        yield Screen(f"{h}.{v}", **page.evaluate(measure))


def main() -> int:
    """Write the decks of the notebooks named on the command line, or of all, and look at them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    paths = [p.resolve() for p in parser.parse_args().notebooks] or course_notebooks()
    decks = [write_deck(path) for path in paths]
    if (chromium := find_chromium()) is None:
        print(f"{len(decks)} decks in {DECKS}; whether they fit is not known: {ABSENT}")
        return 0
    overflowing = 0
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=chromium, args=OPTIONS).new_page(
            viewport=SCREEN
        )
        for path in decks:
            screens = list(look(page, path))
            wrong = [screen for screen in screens if not screen.fits]
            overflowing += len(wrong)
            print(f"{path.relative_to(CHECKOUT)}: {len(screens)} screens, {len(wrong)} overflow")
            print("".join(f"  {screen}\n" for screen in wrong), end="")
    return int(overflowing > 0)


if __name__ == "__main__":
    sys.exit(main())
