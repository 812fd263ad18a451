"""The site's scripts and style sheets: the widgets' own, unchanged, and what replays recordings."""

from __future__ import annotations

import shutil
from pathlib import Path

from cs826tl.widgets.explorer import Explorer
from cs826tl.widgets.freezing import FreezingPanel
from cs826tl.widgets.guesses import Guess
from cs826tl.widgets.quizzes import Quiz

FRONT = Path(__file__).with_name("front")
WIDGETS = {"explorer": Explorer, "panel": FreezingPanel, "guess": Guess, "quiz": Quiz}
EXPORT = "export default { render };"


def write_front(folder: Path) -> None:
    """Write `replay.js`, `widgets.js`, `widgets.css` and `site.css` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in FRONT.iterdir():
        shutil.copy(path, folder)
    scripts = (_wrapped(kind, str(widget._esm)) for kind, widget in WIDGETS.items())
    (folder / "widgets.js").write_text("\n".join(scripts), encoding="utf-8")
    styles = dict.fromkeys(str(widget._css) for widget in WIDGETS.values())
    (folder / "widgets.css").write_text("\n".join(styles), encoding="utf-8")


def _wrapped(kind: str, script: str) -> str:
    """Return a module as a plain script: a browser loads no module from a disk."""
    if script.count(EXPORT) != 1:
        raise ValueError(f"the script of {kind} must end on {EXPORT!r}")
    body = script.replace(EXPORT, "return { render };")
    return f"cs826tlSite.widgets.{kind} = (() => {{\n{body}\n}})();\n"
