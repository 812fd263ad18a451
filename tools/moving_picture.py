"""Write `docs/freezing_panel.gif`: half a minute of the freezing panel, used by keyboard alone.

Usage: `python -m tools.moving_picture [SITE]`. SITE is what `make site` wrote. The panel is the
home page's, so what it answers is a recording of real training.
"""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page

from tools.chromium import ABSENT, find_chromium, offline_page
from tools.notebooks import CHECKOUT
from tools.website.__main__ import SITE

WRITTEN = CHECKOUT / "docs" / "freezing_panel.gif"
SCREEN = {"width": 1280, "height": 1100}
HEIGHT = 700  # pixels of the panel that are shown: the audit below them moves nothing
SECONDS = 30
COLOURS = 128
ALONE = ".cs826tl-recorded, .cs826tl-live ~ *, .prev-next-area, footer { visibility: hidden; }"
BACK = "e => Boolean(e.compareDocumentPosition(document.activeElement) & 4)"
FOCUSED = "e => e === document.activeElement"
WORKING = "e => Boolean(e.querySelector('progress:not([hidden])'))"


class Film:
    """Pictures of a panel, and for how many seconds each is shown."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.panel = page.locator("[data-kind=panel][data-alive]")
        self.frames: list[tuple[Image.Image, float]] = []

    def show(self, seconds: float) -> None:
        """Take a picture."""
        box = self.panel.bounding_box()
        assert box is not None
        shot = self.page.screenshot(clip={**box, "height": HEIGHT})
        self.frames.append((Image.open(io.BytesIO(shot)).convert("RGB"), seconds))

    def press(self, button: Locator, seconds: float) -> None:
        """Go to a button by Tab, and press it."""
        key = "Shift+Tab" if button.evaluate(BACK) else "Tab"
        while not button.evaluate(FOCUSED):
            self.page.keyboard.press(key)
        self.show(0.8)
        self.page.keyboard.press("Enter")
        self.show(seconds)

    def train(self, seconds: float) -> None:
        """Train, in the time that the recording takes; then show the result."""
        self.press(self.panel.get_by_role("button", name="Train"), 0.1)
        before = time.perf_counter()
        while self.panel.evaluate(WORKING):
            self.page.wait_for_timeout(100)
            now = time.perf_counter()
            self.show(now - before)
            before = now
        self.show(seconds)

    def write(self, path: Path) -> None:
        """Write all as a GIF of `SECONDS`: the last picture stays for what is left of them."""
        pictures, seconds = map(list, zip(*self.frames, strict=True))
        if (left := SECONDS - sum(seconds[:-1])) < 1:
            raise ValueError("this machine is too busy to film: the training took too long")
        seconds[-1] = left
        palette = _beside(pictures[0], pictures[-1]).quantize(COLOURS)
        first, *others = (p.quantize(palette=palette, dither=Image.Dither.NONE) for p in pictures)
        times = [round(1000 * one) for one in seconds]
        first.save(path, save_all=True, append_images=others, duration=times, loop=0, optimize=True)


def _beside(left: Image.Image, right: Image.Image) -> Image.Image:
    both = Image.new("RGB", (left.width + right.width, left.height))
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    return both


def play(page: Page, home: Path) -> Film:
    """Train a new head only, then with two more stages, then everything."""
    page.goto(home.as_uri())
    page.add_style_tag(content=ALONE)
    film = Film(page)
    film.panel.wait_for()
    *_, above, last, _ = film.panel.locator("button.tile").all()
    film.show(2.5)
    film.train(2.5)
    film.press(last, 1)
    film.press(above, 1.5)
    film.train(2.5)
    film.press(film.panel.get_by_role("button", name="freeze none"), 1.5)
    film.train(5)
    return film


def main() -> int:
    """Film the panel, and say how large the film is."""
    site = Path(sys.argv[1]) if sys.argv[1:] else SITE
    if (chromium := find_chromium()) is None:
        sys.exit(ABSENT)
    with offline_page(chromium, viewport=SCREEN, color_scheme="light") as (page, _):
        film = play(page, (site / "index.html").resolve())
    film.write(WRITTEN)
    size = WRITTEN.stat().st_size / 1e6
    print(f"{WRITTEN.relative_to(CHECKOUT)}: {len(film.frames)} pictures, {size:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
