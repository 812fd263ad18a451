"""What a learner waits for on the page *Your own photographs*, without a GPU and a network.

Usage: `python -m benchmarks.photographs_page [--json] [--pictures 40] [--sides 640x480 4000x3000]`.
The page is built, opened from its file, and given a folder with four classes of JPEG pictures.
Beside every part's seconds stand the CPU seconds of all the browser's processes: other work on the
machine makes the first longer, and leaves the second nearly as they are.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from skimage import data

from tools.chromium import ABSENT, OPTIONS, find_chromium
from tools.website.photographs import build

PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket")
PATIENCE = 600_000  # milliseconds
FINISHED = "!state.busy && {}"


def main() -> int:
    """Measure, and print one row for every size of pictures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--pictures", type=int, default=40)
    parser.add_argument("--sides", nargs="+", default=["640x480", "4000x3000"])
    options = parser.parse_args()
    if (chromium := find_chromium()) is None:
        parser.error(ABSENT)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = build(Path(folder) / "photographs")
        megabytes = sum(file.stat().st_size for file in page.parent.iterdir()) / 1e6
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        rows = []
        for sides in options.sides:
            pictures = _pictures(Path(folder) / sides, sides, options.pictures)
            opened = browser.new_page(offline=True)
            opened.set_default_timeout(PATIENCE)
            rows.append({"sides": sides, **_waits(opened, page, pictures)})
            opened.close()
        browser.close()
    result = {"megabytes": megabytes, "pictures": options.pictures, "rows": rows}
    print(json.dumps(result) if options.json else _table(result))
    return 0


def _pictures(folder: Path, sides: str, number: int) -> Path:
    """Write pictures of `sides`, in pixels: crops at random places, enlarged."""
    generator = np.random.default_rng(0)
    for k in range(number):
        name = PHOTOGRAPHS[k % len(PHOTOGRAPHS)]
        photograph = Image.fromarray(getattr(data, name)())
        left, top = (int(generator.integers(0, side - 160)) for side in photograph.size)
        crop = photograph.crop((left, top, left + 160, top + 120))
        (folder / name).mkdir(parents=True, exist_ok=True)
        wide, high = map(int, sides.split("x"))
        crop.resize((wide, high)).save(folder / name / f"{k}.jpg", quality=90)
    return folder


def _waits(page: Page, built: Path, pictures: Path) -> dict[str, Any]:
    """Go the learner's way once, and return the seconds of each part, by the clock and of CPU."""
    clock, waits = np.array([time.perf_counter(), cpu_seconds()]), {}

    def lap(name: str, condition: str) -> None:
        nonlocal clock
        page.wait_for_function(FINISHED.format(condition))
        now = np.array([time.perf_counter(), cpu_seconds()])
        waits[name], clock = (now - clock).round(2).tolist(), now

    page.goto(built.as_uri())
    lap("open", "true")
    page.locator("#folder").set_input_files(pictures)
    lap("read", "state.classes.length")
    page.get_by_role("button", name="Train a new head").click()
    lap("codes and head", "state.head")
    page.get_by_role("button", name="Deal again").click()
    lap("next head", "state.seed === 1")
    page.get_by_role("button", name="Unfreeze").click()
    lap("tune stage 9, 10 epochs", "state.after")
    first_head = [sum(two) for two in zip(waits["read"], waits["codes and head"], strict=True)]
    return {"to the first head": first_head, **waits}


def cpu_seconds() -> float:
    """Return the CPU seconds of all processes that this one has started, so far."""
    times = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return sum(one.user + one.system for one in times)


def _table(result: dict[str, Any]) -> str:
    lines = [f"{result['megabytes']:.1f} MB loaded, {result['pictures']} pictures"]
    for row in result["rows"]:
        waits = ((name, value) for name, value in row.items() if name != "sides")
        parts = (f"{name} {clock:.2f} s (CPU {cpu:.2f} s)" for name, (clock, cpu) in waits)
        lines.append(f"{row['sides']}: {', '.join(parts)}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
