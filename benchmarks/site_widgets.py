"""Use every widget of every page and deck of the built site by keyboard, and time the answers.

Usage: `python -m benchmarks.site_widgets [--json] [SITE]`. SITE is what `make site` wrote.
Pages are opened from their files, without a network, for somebody who asked for less motion. A
time goes from a key to the frame in which the widget shows its answer; of recorded training that
is the first line of progress. What does not answer, loses the focus or is never reached is a
trouble, and so is what a page raises or asks for.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from tools.chromium import ABSENT, find_chromium, offline_page
from tools.keyboard.learner import Answer, Learner
from tools.website.__main__ import SITE

SCREEN = {"width": 1280, "height": 900}
SLOW = 100  # milliseconds: the aim


def main() -> int:
    """Use everything, and print one row for every kind of widget, then all troubles."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("site", nargs="?", type=Path, default=SITE)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if (chromium := find_chromium()) is None:
        parser.error(ABSENT)
    if not (pages := list(pages_with_widgets(options.site))):
        parser.error(f"no page with widgets in {options.site}: build it with `make site`")
    answers, troubles = use(pages, chromium)
    result = {"pages": len(pages), "kinds": by_kind(answers), "troubles": troubles}
    print(json.dumps(result) if options.json else _table(result))
    return int(bool(troubles))


def pages_with_widgets(site: Path) -> Iterator[Path]:
    """Yield the pages and decks that replay something."""
    for path in sorted(site.rglob("*.html")):
        if "data-recording=" in path.read_text(encoding="utf-8"):
            yield path.resolve()


def use(pages: list[Path], chromium: str) -> tuple[list[Answer], list[str]]:
    """Visit all pages; return all answers, and what is wrong, with the page's name."""
    answers, troubles = [], []
    with offline_page(chromium, viewport=SCREEN, reduced_motion="reduce") as (page, raised):
        learner = Learner(page)
        for path in pages:
            visit = learner.visit(path.as_uri())
            answers += visit.answers
            name = f"{path.parent.name}/{path.name}"
            troubles += [f"{name}: {words}" for words in (*visit.troubles, *raised)]
            raised.clear()
            print(f"{name}: {len(visit.answers)} keys", file=sys.stderr)
    return answers, troubles


def by_kind(answers: list[Answer]) -> dict[str, dict[str, Any]]:
    """Return, for each kind of widget, what was pressed and how long its answers took."""
    kinds = dict.fromkeys(answer.kind for answer in answers)
    return {kind: _summary([a for a in answers if a.kind == kind]) for kind in kinds}


def _summary(answers: list[Answer]) -> dict[str, Any]:
    timed = [a for a in answers if a.milliseconds is not None]
    slowest = max(timed, key=lambda answer: answer.milliseconds or 0)
    times = [a.milliseconds or 0 for a in timed]
    return {
        "widgets": len({a.recording for a in answers}),
        "controls": len({(a.recording, a.control) for a in answers}),
        "keys": len(answers),
        "need Python": sum(a.needs_python for a in answers),
        "median ms": median(times),
        "slowest ms": max(times),
        "slower than the aim": sum(time > SLOW for time in times),
        "slowest": f"{slowest.recording}: {slowest.control}",
    }


def _table(result: dict[str, Any]) -> str:
    lines = [f"{result['pages']} pages and decks"]
    for kind, row in result["kinds"].items():
        parts = (f"{k} {v:.0f}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items())
        lines.append(f"{kind}: {', '.join(parts)}")
    return "\n".join([*lines, f"{len(result['troubles'])} troubles", *result["troubles"]])


if __name__ == "__main__":
    sys.exit(main())
