"""What was handed in: who has an entry in the folder, and which file answers which exercise."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cs826tl_grader.marking.marks import Mark, Marking, mark, with_note
from cs826tl_grader.marking.submission import mark_submission
from cs826tl_grader.plain.notebook import LARGEST
from cs826tl_grader.plain.writing import safe_cell
from cs826tl_grader.sandbox.isolation import Sandbox

NOT_STUDENTS = {"__MACOSX", ".ipynb_checkpoints", ".git", ".svn", ".Trashes"}
MOST_ENTRIES = 1000  # of a student's folder; nobody needs more to hand in twelve notebooks
NOTEBOOK = re.compile(r"(.+?)[\s_]*\.ipynb(?:\.txt|\.json)?", re.DOTALL)


@dataclass(frozen=True)
class Found:
    """The file that answers an exercise, or None; `note` says what the student should know of it.

    `rivals` is true where several files differ and each could be the answer. One that has the exact
    name is read all the same.
    """

    path: Path | None
    note: str = ""
    rivals: bool = False


def students_and_refused(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Return the students who have a folder, and why each other entry is not graded."""
    students, refused = [], {}
    for entry in folder.iterdir():
        if entry.name in NOT_STUDENTS:
            refused[entry.name] = "a program put it there: it belongs to no student"
        elif entry.is_dir() or entry.is_symlink():
            students.append(entry.name)
        else:
            refused[entry.name] = "it is no folder: put it into a folder named after its student"
    return students, dict(sorted(refused.items()))


def find_notebook(folder: Path, exercise: str) -> Found:
    """Find the file for an exercise, even if a browser or an editor changed its name.

    It may have another case, blanks, `(1)` or a second suffix, or lie one folder deeper. A link is
    returned as it is: the reader refuses it.
    """
    if folder.is_symlink():
        return Found(folder)
    exact, here = folder / f"{exercise}.ipynb", _entries(folder)
    if _exists(exact):
        others = [p for p in here if p != exact and _contains_name(p.name, exercise)]
        differ = [p for p in others if content_digest(p) != content_digest(exact)]
        note = f"beside it lies {_listed(p.name for p in differ)}: keep the one that counts"
        return Found(exact, note, rivals=True) if differ else Found(exact)
    inner = [f for f in here if f.is_dir() and not f.is_symlink() and f.name not in NOT_STUDENTS]
    for level in (here, [entry for f in inner for entry in _entries(f)]):
        for alike in (_same_name, _contains_name):
            if candidates := [p for p in level if alike(p.name, exercise)]:
                return _choose(candidates, folder, exercise)
    return Found(None, _nothing(here, exercise))


def mark_found(found: Found, marking: Marking, sandbox: Sandbox) -> list[Mark]:
    """Return a mark for every question, and say in each reason what is odd about the file."""
    if found.path is None:
        status = "needs-review" if found.rivals else "missing"
        return [mark(q, status, found.note) for q in marking.exercise.rubric.questions]
    marks = mark_submission(found.path, marking, sandbox)
    return [
        m if found.rivals and m.points else  # another file could be right where this one is not
        dataclasses.replace(
            m, reason=with_note(m.reason, found.note),
            status="needs-review" if found.rivals else m.status,
        )
        for m in marks
    ]  # fmt: skip


def content_digest(path: Path | None) -> bytes:
    """Return a digest of what a file holds; a link or a huge file is not read."""
    if path is None or path.is_symlink() or not path.is_file():
        return os.fsencode(str(path))
    if path.stat().st_size > LARGEST:
        return str(path.stat().st_size).encode()
    return hashlib.sha256(path.read_bytes()).digest()


def _choose(candidates: Sequence[Path], folder: Path, exercise: str) -> Found:
    names = _listed(str(p.relative_to(folder)) for p in candidates)
    if len({content_digest(p) for p in candidates}) > 1:
        note = f"several files could be {exercise}.ipynb: {names}. Keep the one that counts"
        return Found(None, note, rivals=True)
    return Found(candidates[0], f"read from {names}; the name should be {exercise}.ipynb")


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


def _exists(path: Path) -> bool:
    return os.path.lexists(path)


def _stem(name: str) -> str:
    """Return a notebook's name without suffixes, case and blanks; "" for no notebook."""
    matched = NOTEBOOK.fullmatch(name.strip().casefold())
    return re.sub(r"[\s-]+", "_", matched[1].strip()) if matched else ""


def _same_name(name: str, exercise: str) -> bool:
    return _stem(name) == exercise.casefold()


def _contains_name(name: str, exercise: str) -> bool:
    return exercise.casefold() in _stem(name)
