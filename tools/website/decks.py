"""The decks, with live widgets, in one folder that works from a disk."""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection
from pathlib import Path

from tools.notebooks import write
from tools.npm import folder_of
from tools.slides import REVEAL, deck
from tools.website.live import Lecture
from tools.website.pages import ADDRESS, TRIAL, TRIAL_PAGE, alive

SCRIPTS = "".join(
    f'<script src="../_static/{name}.js"></script>' for name in ("replay", "widgets")
) + "".join(f'<link rel="stylesheet" href="../_static/{name}.css">' for name in ("widgets", "deck"))


def write_decks(folder: Path, lectures: list[Lecture], recorded: Collection[str]) -> None:
    """Write each lecture's deck into the folder, and reveal.js beside them."""
    shutil.copytree(folder_of(REVEAL), folder / f"reveal.js-{REVEAL.version}", dirs_exist_ok=True)
    for lecture in lectures:
        notebook = alive(lecture, recorded)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = ADDRESS.sub(_beside, cell.source)
        html = TRIAL.sub(TRIAL_PAGE, deck(notebook))
        write(folder / f"{lecture.stem}.html", html.replace("</head>", f"{SCRIPTS}</head>", 1))


def _beside(found: re.Match[str]) -> str:
    """Return a link between notebooks as one between decks, one to a document as to its page."""
    if found[1].startswith("../docs/"):
        return f"](../{Path(found[1]).stem}.html)"
    up = "../" if found[1].startswith("trials/") else ""
    return f"]({up}{found[1].replace('.ipynb', '.html')})"
