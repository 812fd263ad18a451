"""Record a lecture's widgets: run what they need of the notebook, and keep what they show.

Usage: `python -m tools.website.record NOTEBOOK FOLDER [--only [NAME ...]]`. `--only` chooses among
what is costly: explorers, panels, and guesses of a number. All else is recorded always.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import hashlib
import io
import json
import linecache
import re
import sys
import tempfile
import threading
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

import matplotlib

from cs826tl.widgets.prose import to_html
from cs826tl.widgets.scales import Choices
from tools.cold import cold_cache
from tools.notebooks import CHECKOUT
from tools.website.answers import record_guess, record_quiz
from tools.website.explorers import ExplorerRecorder
from tools.website.live import Lecture, Live
from tools.website.panels import record_panel
from tools.website.slicing import Statement, needed

KEPT = CHECKOUT / "build" / "recordings"
HEAVIEST = 4e6  # bytes of one recording: a page loads those that it shows
MEASURED = re.compile(r"<b>Measured:</b> (.*)</p>$")
RECORDER = ("answers", "book", "explorers", "live", "panels", "record", "slicing")
ALL = None
PARSING = threading.Lock()  # Python 3.11 counts the depth of all threads' trees together


def digest(lecture: Lecture, names: Collection[str] | None) -> str:
    """Return a hash of what a recording depends on: library, lecture's code, recorder.

    Of the lectures' folders only its own counts, and of Python what is run: no comment, and no
    docstring.
    """
    hashed = hashlib.sha256(repr(names if names is ALL else sorted(names)).encode())
    here = [Path(__file__).with_name(f"{name}.py") for name in RECORDER]
    library, own = CHECKOUT / "cs826tl", CHECKOUT / "cs826tl" / "lectures" / lecture.room
    files = [p for kind in ("json", "py", "toml", "tsv") for p in library.rglob(f"*.{kind}")]
    others = [p for p in files if "lectures" in p.parts and own not in p.parents]
    for path in sorted({*here, *files} - {*others}):
        text = path.read_text(encoding="utf-8")
        hashed.update((_run_of(text) if path.suffix == ".py" else text).encode())
    for cell in lecture.notebook.cells:
        hashed.update(cell.source.encode() if cell.cell_type == "code" else b"")
    return hashed.hexdigest()[:16]


def _run_of(text: str) -> str:
    """Return what a Python file does, without what only a reader sees.

    >>> _run_of("x = 1  # one")
    'x = 1'
    """
    with PARSING:
        tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def costly(live: Live, lecture: Lecture) -> bool:
    """Whether something must be computed to record it."""
    if live.kind == "reveal":
        return not _stored_result(live, lecture)
    return live.kind in ("explorer", "panel")


def record(lecture: Lecture, folder: Path, names: Collection[str] | None = ALL) -> None:
    """Write a script into the folder for each widget of a lecture."""
    chosen = [
        one for one in lecture.live if names is ALL or one.name in names or not costly(one, lecture)
    ]
    wanted = [_statement(lecture, one, names) for one in chosen if one.kind != "surprises"]
    found = _run(lecture, [s for s in wanted if s])
    for one in chosen:
        if one.kind in ("explorer", "panel", "quiz"):
            widget = found[_statement(lecture, one, names)]
            _write(folder, one.name, RECORDERS[one.kind](widget))
        elif one.kind == "guess":
            _write(folder, one.name, _guess(lecture, one, found))


RECORDERS: dict[str, Any] = {
    "explorer": lambda widget: ExplorerRecorder(widget).record(),
    "panel": record_panel,
    "quiz": record_quiz,
}


def _guess(lecture: Lecture, one: Live, found: dict[Any, Any]) -> dict[str, Any]:
    guess, measured = found[one.asks[0]], found[one.asks[0]].measured
    if measured is None and isinstance(guess.scale, Choices):
        reveals = (r for r in lecture.live if r.kind == "reveal" and r.asks == one.asks)
        stored = next((_stored_result(r, lecture) for r in reveals), "")
        by_html = {to_html(o, typeset=False): o for o in guess.scale.options}
        measured = by_html.get(stored)
    return record_guess(guess, measured, guess._within)


def _stored_result(live: Live, lecture: Lecture) -> str:
    """Return what a notebook stores as a guess's result: the words of a choice, never a number."""
    outputs = lecture.notebook.cells[live.cell].outputs[live.output :]
    stored = MEASURED.search(outputs[0].data.get("text/html", "")) if outputs else None
    return stored[1] if stored else ""


def _statement(lecture: Lecture, one: Live, names: Collection[str] | None) -> Statement | None:
    """Return the statement that has to run for a widget, with all that it needs."""
    if one.kind == "guess":
        (name,) = one.asks
        return next(s for s in lecture.code if name in s.makes and "guess(" in s.code)
    if one.kind == "reveal":
        if not costly(one, lecture):
            return None
        calls = (s for s in lecture.of_cell(one.cell) if f"{one.asks[0]}.reveal(" in s.code)
        return next(calls)
    return lecture.of_cell(one.cell)[-1]


def _run(lecture: Lecture, wanted: list[Statement]) -> dict[Any, Any]:
    """Run what is needed, quietly; return all names, and the values of wanted expressions."""
    matplotlib.use("Agg")
    found: dict[Any, Any] = {"__name__": "__main__", "display": lambda *_: None}
    values: dict[Any, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for k, statement in enumerate(needed(lecture.code, wanted)):
            where = f"<{lecture.stem}, cell {statement.cell}, statement {k}>"
            lines = statement.code.splitlines(keepends=True)
            linecache.cache[where] = (len(statement.code), None, lines, where)  # for getsource
            if statement in wanted and isinstance(statement.node, ast.Expr):
                values[statement] = eval(compile(statement.code, where, "eval"), found)
            else:
                exec(compile(statement.code, where, "exec"), found)
    return found | values


def _write(folder: Path, name: str, recording: dict[str, Any]) -> None:
    text = json.dumps(recording, ensure_ascii=False, separators=(",", ":"))
    script = f"cs826tlSite.add({json.dumps(name)}, {text});\n".encode()
    if len(script) > HEAVIEST:
        raise ValueError(
            f"the recording {name} has {len(script) / 1e6:.1f} MB; at most {HEAVIEST / 1e6:.0f} "
            "are loaded: let its controller's `worth` offer fewer settings"
        )
    (folder / f"{name}.js").write_bytes(script)


def main() -> int:
    """Record the lecture that the command line names into a folder, all of it or nothing.

    Codes are computed anew, and seconds are the processor's, so that a recording says what a reader
    waits for, whatever this machine has kept or does meanwhile.
    """
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", metavar="NAME", default=ALL)
    given = parser.parse_args()
    lecture, folder = Lecture.read(given.notebook), given.folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    time.perf_counter = time.process_time
    with cold_cache(), tempfile.TemporaryDirectory(dir=folder.parent) as staging:
        unfinished = Path(staging) / "unfinished"
        unfinished.mkdir()
        record(lecture, unfinished, given.only)
        unfinished.rename(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
