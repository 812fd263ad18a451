"""A submitted notebook, read as text that may say anything: its cells."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cs826tl_grader.plain.repairs import MOST_CELLS, conflict_sides, parse

LARGEST = 64 * 2**20  # bytes of a notebook; one with its pictures has one or two million
LONGEST = 15_000_000  # characters of all cells, without outputs and pictures
KINDS = ("code", "markdown", "raw")
# A link is not followed, and a named pipe does not block.
OPENING = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
NO_FILE = "it is not a plain file: hand in the notebook itself, not a link to it"
NO_NOTEBOOK = "it is not a Jupyter notebook: save it again as .ipynb"
PICTURE = re.compile(r"data:image/[\w.+-]{1,40};base64,[\w+/=%]++")  # pasted into a text
MARKER = re.compile(r"^[ \t]*(?:#|<!--)[ \t]*answer:[ \t]*(\w{1,80})\b", re.MULTILINE)


class Unreadable(ValueError):
    """A submission that is not a notebook; the message says why, in words for the student."""


@dataclass(frozen=True)
class Cell:
    """One cell: its kind (`code`, `markdown` or `raw`), its text, the question in its metadata."""

    kind: str
    source: str
    tagged: str = ""

    @property
    def marked(self) -> list[str]:
        """The questions that the cell's own text says it answers."""
        return MARKER.findall(self.source)


@dataclass(frozen=True)
class Notebook:
    """The cells of a notebook, and what had to be repaired to read them."""

    cells: tuple[Cell, ...]
    repairs: tuple[str, ...] = ()


def read_notebook(path: Path) -> Notebook:
    """Return the cells of a notebook's file; `Unreadable` for anything that is not one."""
    return notebook_of(plain_file(path))


def notebook_of(content: bytes) -> Notebook:
    """Return the cells of a notebook; `Unreadable` for anything that is not one.

    Where a merge conflict was left in the file, cells that differ are there twice, so that answers
    that differ are rivals.
    """
    try:
        sides, repairs = parse(content)
        *theirs, ours = [list(_cells(side)) for side in sides]
        if sum(len(cell.source) for side in (*theirs, ours) for cell in side) > LONGEST:
            raise Unreadable("its cells hold more than 15 million characters: put data in a file")
    except Unreadable:
        raise
    except json.JSONDecodeError as problem:
        raise Unreadable(f"{NO_NOTEBOOK} (line {problem.lineno}: {problem.msg})") from None
    except (ValueError, RecursionError):
        raise Unreadable(NO_NOTEBOOK) from None
    own = {(cell.kind, cell.source) for cell in ours}
    others = [c for side in theirs for c in side if (c.kind, c.source) not in own]
    return Notebook((*others, *ours), tuple(repairs))


def plain_file(path: Path) -> bytes:
    """Return a file's bytes; `Unreadable` for a link, which would hand out another file, or a pipe.

    It is inspected after opening, so nobody can swap it in between.
    """
    try:
        descriptor = os.open(path, OPENING)
    except OSError as problem:
        if problem.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
            raise Unreadable(NO_FILE) from None
        raise Unreadable(f"the file cannot be opened ({problem.strerror})") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable(NO_FILE)
        if status.st_size > LARGEST:
            size = status.st_size // 2**20
            most = LARGEST // 2**20
            raise Unreadable(f"it has {size} MB, and at most {most} are read: clear outputs")
        with open(descriptor, "rb", closefd=False) as stream:
            return stream.read(LARGEST)
    finally:
        os.close(descriptor)


def _cells(content: Any) -> Iterator[Cell]:
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list):
        raise Unreadable("it has no list of cells: save it again as .ipynb, format 4")
    if len(cells) > MOST_CELLS:
        raise Unreadable(f"it has {len(cells)} cells, and at most {MOST_CELLS} are read")
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", "")
        if isinstance(source, list):
            source = "".join(line for line in source if isinstance(line, str))
        if isinstance(source, str) and cell.get("cell_type") in KINDS:
            text = source.replace("\r\n", "\n").replace("\r", "\n")
            if cell["cell_type"] != "code":
                text = without_pictures(text)
            for side in conflict_sides(text) or (text,):
                yield Cell(cell["cell_type"], side, _tag(cell.get("metadata")))


def without_pictures(text: str) -> str:
    """Return a text with a word in place of each picture that was pasted into it.

    >>> without_pictures("So: ![a plot](data:image/png;base64,iVBORw0KGgo=)")
    'So: ![a plot](picture)'
    """
    return PICTURE.sub("picture", text)


def _tag(metadata: Any) -> str:
    ours = metadata.get("cs826tl") if isinstance(metadata, dict) else None
    question = ours.get("question") if isinstance(ours, dict) else None
    return question if isinstance(question, str) else ""
