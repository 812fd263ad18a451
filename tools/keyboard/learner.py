"""Go through a page's widgets with Tab, arrows, Enter and Space, and note every answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

STOPS = 3000  # more than a page has
NEEDS_PYTHON = "needs Python"  # what an alert says of a setting that was not recorded
LAST = "Reveal.isLastSlide() && !Reveal.availableFragments().next"
AWAKE = "!document.activeElement.matches('.cs826tl-live:not([data-alive])')"
WORK = 60_000  # milliseconds that recorded work may take: three seconds, and what else runs


@dataclass(frozen=True)
class Answer:
    """What became of one key: how long until it was drawn, and what was wrong, if anything."""

    recording: str
    kind: str
    control: str
    key: str
    milliseconds: float | None
    alert: str
    trouble: str

    @property
    def needs_python(self) -> bool:
        """Whether the widget says that it has no recording of this."""
        return NEEDS_PYTHON in self.alert


@dataclass(frozen=True)
class Visit:
    """All answers of a page, and the controls that the keyboard never reached."""

    answers: list[Answer]
    unused: list[str]

    @property
    def troubles(self) -> list[str]:
        """What is wrong on this page, in words."""
        wrong = (a for a in self.answers if a.trouble)
        said = [f"{a.recording}: {a.control}, {a.key}: {a.trouble}" for a in wrong]
        return said + [f"{name}: no key leads there" for name in dict.fromkeys(self.unused)]


class Learner:
    """Somebody who uses a page's widgets by keyboard alone; the page must be opened by `visit`."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.add_init_script(path=Path(__file__).with_name("watching.js"))

    def visit(self, address: str) -> Visit:
        """Open a page or a deck, and use every widget on it."""
        self.page.goto(address)
        answers, unused = [], []
        for _ in self._screens():
            answers += [*self.go_through(), *self.go_through()]
            unused += self._ask("unused")
        asleep = [f"{name}: asleep" for name in self._ask("asleep")]
        return Visit(answers, [*unused, *asleep])

    def _screens(self) -> Iterator[None]:
        """Go to everything that has widgets: a page is one screen, a deck has many."""
        if not self.page.evaluate("'Reveal' in window"):
            yield
            return
        self.page.wait_for_function("Reveal.isReady()")
        while True:
            if self._ask("unused"):
                yield
            if self.page.evaluate(LAST):
                return
            self.page.keyboard.press("Space")

    def go_through(self) -> Iterator[Answer]:
        """Press Tab until the page ends, and use each control on the way that is not yet used.

        A second time shows what the first one put there, or could not change.
        """
        for _ in range(STOPS):
            self.page.keyboard.press("Tab")
            here = self._ask("here")
            if here is False:
                return
            if here and here["asleep"]:
                self.page.wait_for_function(AWAKE)
            elif here:
                yield from self._stop(here) if here.get("idle") else self._use(here)
        raise RuntimeError(f"{self.page.url} has no end: Tab was pressed {STOPS} times")

    def _use(self, here: dict[str, Any]) -> Iterator[Answer]:
        for key in here["keys"]:
            yield self._press(here, key)
            if not self._ask("still"):  # what answered put something else in its place
                return

    def _press(self, here: dict[str, Any], key: str) -> Answer:
        self._ask("mark")
        self.page.keyboard.press(key)
        said = self._ask("answer")
        self.page.wait_for_function("!watching.working()", timeout=WORK)
        wrong = {
            "does not answer": not (said["changed"] or said["said"] or said["alert"]),
            "loses the focus": said["lost"],
        }
        trouble = ", ".join(words for words, holds in wrong.items() if holds)
        kept = {name: here[name] for name in ("recording", "kind", "control")}
        return Answer(
            **kept, key=key, milliseconds=said["milliseconds"], alert=said["alert"], trouble=trouble
        )

    def _stop(self, here: dict[str, Any]) -> Iterator[Answer]:
        """Start work again with the button before, and stop it, unless it is done by then."""
        for key in ("Shift+Tab", "Enter", "Tab"):
            self.page.keyboard.press(key)
        if self._ask("working"):
            yield self._press(here, "Enter")

    def _ask(self, what: str) -> Any:
        return self.page.evaluate(f"watching.{what}()")
