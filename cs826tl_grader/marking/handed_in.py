"""What was handed in: who has an entry in the folder, and which file answers which exercise."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cs826tl_grader.marking.marks import with_note
from cs826tl_grader.plain.notebook import NO_FILE, Unreadable, plain_file
from cs826tl_grader.plain.writing import safe_cell

NOT_HANDED_IN = {  # folders that programs make
    "__MACOSX", "__pycache__", ".ipynb_checkpoints", ".git", ".svn", ".Trashes",
}  # fmt: skip
MOST_ENTRIES = 1000  # of a student's folder; nobody needs more to hand in twelve notebooks
NOTEBOOK = re.compile(r"(.+?)[\s_]*\.ipynb(?:\.txt|\.json)?", re.DOTALL)


@dataclass(frozen=True)
class Found:
    """The bytes that answer an exercise, read once, and what the student should know of them.

    Where there are none, `status` is that of every question: `missing`, `tampered` or `crashed` for
    what cannot be read, `needs-review` where several files differ and each could be the answer.
    Where there are some and `status` is `needs-review`, another file could be right where this one,
    which has the exact name, is not.
    """

    content: bytes | None
    note: str = ""
    status: str = ""


def students_and_refused(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return the students who have a folder, and why each other entry is not graded."""
    students, refused = [], {}
    for entry in folder.iterdir():
        if entry.name in NOT_HANDED_IN:
            refused[entry.name] = "a program put it there: it belongs to no student"
        elif entry.is_dir() or entry.is_symlink():
            students.append(entry.name)
        else:
            refused[entry.name] = "it is no folder: put it into a folder named after its student"
    return students, dict(sorted(refused.items()))


def find_notebook(folder: Path, exercise: str) -> Found:
    """Find the file for an exercise, even if a browser or an editor changed its name.

    It may have another case, blanks, `(1)` or a second suffix, or lie one folder deeper. A link is
    not followed: it is `tampered`.
    """
    exact = folder if folder.is_symlink() else folder / f"{exercise}.ipynb"
    here = [] if folder.is_symlink() else _entries(folder)
    if os.path.lexists(exact):
        found = _found(_read(exact))
        others = [p for p in here if p != exact and _contains_name(p.name, exercise)]
        differ = [p.name for p in others if _read(p) != found.content]
        if found.content is None or not differ:
            return found
        note = f"beside it lies {_listed(differ)}: keep the one that counts"
        return Found(found.content, note, "needs-review")
    inner = [f for f in here if f.is_dir() and not f.is_symlink() and f.name not in NOT_HANDED_IN]
    for level in (here, [entry for f in inner for entry in _entries(f)]):
        for alike in (_same_name, _contains_name):
            if candidates := [p for p in level if alike(p.name, exercise)]:
                return _choose(candidates, folder, exercise)
    return Found(None, _nothing(here, exercise), "missing")


def _choose(candidates: Sequence[Path], folder: Path, exercise: str) -> Found:
    names = _listed(str(p.relative_to(folder)) for p in candidates)
    first = _read(candidates[0])
    if any(_read(other) != first for other in candidates[1:]):
        note = f"several files could be {exercise}.ipynb: {names}. Keep the one that counts"
        return Found(None, note, "needs-review")
    return _found(first, f"read from {names}; the name should be {exercise}.ipynb")


def _read(path: Path) -> bytes | Unreadable:
    try:
        return plain_file(path)
    except Unreadable as problem:
        return problem


def _found(read: bytes | Unreadable, note: str = "") -> Found:
    if isinstance(read, bytes):
        return Found(read, note)
    status = "tampered" if str(read) == NO_FILE else "crashed"
    return Found(None, with_note(f"the notebook could not be read: {read}", note), status)


def _nothing(entries: Sequence[Path], exercise: str) -> str:
    if not entries:
        return "nothing was handed in"
    return f"there is no {exercise}.ipynb; handed in were {_listed(e.name for e in entries)}"


def _listed(names: Iterable[str]) -> str:
    shown = [safe_cell(name)[:60] for name in islice(names, 6)]
    return ", ".join(shown[:5]) + (" and more" if len(shown) > 5 else "")


def _entries(folder: Path) -> list[Path]:
    def some() -> Iterator[Path]:
        with os.scandir(folder) as found:
            yield from (Path(entry.path) for entry in islice(found, MOST_ENTRIES))

    try:
        return sorted(some())
    except OSError:
        return []


def _stem(name: str) -> str:
    """Return a notebook's name without suffixes, case and blanks; "" for no notebook."""
    matched = NOTEBOOK.fullmatch(name.strip().casefold())
    return re.sub(r"[\s-]+", "_", matched[1].strip()) if matched else ""


def _same_name(name: str, exercise: str) -> bool:
    return _stem(name) == exercise.casefold()


def _contains_name(name: str, exercise: str) -> bool:
    return exercise.casefold() in _stem(name)
