"""The browser in which tests and tools look at what a learner sees."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-sync"]
ABSENT = "no Chromium on this machine (Debian: apt install chromium)"
OF_THE_PAGE = ("file:", "data:", "blob:")


def find_chromium() -> str | None:
    """Return the path of a Chromium, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def offline_page(chromium: str, **options: Any) -> Iterator[tuple[Page, list[str]]]:
    """Open a page without a network; give it, and the list of what its pages raise or ask for."""
    from playwright.sync_api import sync_playwright

    troubles: list[str] = []

    def asked(address: str) -> None:
        if not address.startswith(OF_THE_PAGE):
            troubles.append(f"asks for {address}")

    def complained(kind: str, words: str) -> None:
        if kind == "error":
            troubles.append(words)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        context = browser.new_context(offline=True, **options)
        context.on("request", lambda request: asked(request.url))
        context.on("weberror", lambda failed: troubles.append(str(failed.error)))
        context.on("console", lambda said: complained(said.type, said.text))
        yield context.new_page(), troubles
        browser.close()
