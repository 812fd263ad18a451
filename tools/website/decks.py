"""The decks, with live widgets, in one folder that works from a disk."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

from tools.notebooks import write
from tools.reveal import VERSION, reveal_js
from tools.slides import deck
from tools.website.live import Lecture
from tools.website.pages import alive

SCRIPTS = "".join(
    f'<script src="../_static/{name}.js"></script>' for name in ("replay", "widgets")
) + "".join(f'<link rel="stylesheet" href="../_static/{name}.css">' for name in ("widgets", "deck"))


def write_decks(folder: Path, lectures: list[Lecture], recorded: Collection[str]) -> None:
    """Write each lecture's deck into the folder, and reveal.js beside them."""
    shutil.copytree(reveal_js(), folder / f"reveal.js-{VERSION}", dirs_exist_ok=True)
    for lecture in lectures:
        html = deck(alive(lecture, recorded))
        write(folder / f"{lecture.stem}.html", html.replace("</head>", f"{SCRIPTS}</head>", 1))
