"""A submitted notebook, read as text that may say anything: its cells and their statements."""

from __future__ import annotations

import ast
import errno
import hashlib
import json
import os
import re
import stat
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

LARGEST = 20 * 2**20  # bytes of a notebook; one with its pictures has one or two million
MOST_CELLS = 2000
SMALLEST = 30  # nodes of an answer whose like somebody else hardly writes by chance
LONGEST = 500_000  # characters of a cell
UNFOLLOWED = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # as a pipe would block
NO_FILE = "it is not a plain file: hand in the notebook itself, not a link to it"
TIMED = re.compile(r"\A\s*%%(?:time|timeit|capture|prun)\b.*\n")  # they run what follows
MARKER = re.compile(r"^[ \t]*(?:#|<!--)[ \t]*answer:[ \t]*(\w{1,80})\b", re.MULTILINE)


class Unreadable(ValueError):
    """A submission that is no notebook; the message says why, in words for the student."""


@dataclass(frozen=True)
class Cell:
    """One cell: `code` or `markdown`, its text, and the question that its metadata names."""

    kind: str
    source: str
    tagged: str = ""

    @property
    def marked(self) -> list[str]:
        """The questions that the cell's own text says it answers."""
        return MARKER.findall(self.source)


def read_notebook(path: Path) -> list[Cell]:
    """Return the cells of a notebook; `Unreadable` for anything that is not one.

    The pitfall that it avoids: a link in place of a file would hand out what it points to.
    """
    try:
        return list(_cells(json.loads(_plain_file(path).decode("utf-8-sig"))))
    except Unreadable:
        raise
    except (ValueError, RecursionError):
        raise Unreadable("it is not a Jupyter notebook: save it again as .ipynb") from None


def _plain_file(path: Path) -> bytes:
    """Return what a file holds, looked at only once it is open: nobody can put another there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | UNFOLLOWED)
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
            raise Unreadable(f"it has {size} MB, and at most 20 are read: clear outputs")
        with open(descriptor, "rb", closefd=False) as stream:
            return stream.read(LARGEST)
    finally:
        os.close(descriptor)


def _cells(content: Any) -> Iterable[Cell]:
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
        if isinstance(source, str) and cell.get("cell_type") in ("code", "markdown"):
            text = source[:LONGEST].replace("\r\n", "\n").replace("\r", "\n")
            yield Cell(cell["cell_type"], text, _tag(cell.get("metadata")))


def _tag(metadata: Any) -> str:
    ours = metadata.get("cs826tl") if isinstance(metadata, dict) else None
    question = ours.get("question") if isinstance(ours, dict) else None
    return question if isinstance(question, str) else ""


def python(source: str) -> str:
    """Return a cell as plain Python: `%`, `!` and `?` lines become calls of `get_ipython()`."""
    source = TIMED.sub("", source, count=1)
    try:
        return TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]
    except (SyntaxError, RecursionError, ValueError):
        return source


def statements(source: str) -> list[ast.stmt]:
    """Return the statements of a cell, as many as there are before one that cannot be parsed."""
    lines = python(source).splitlines(keepends=True)
    while lines:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a student's "\d" is not our reader's business
                return ast.parse("".join(lines)).body
        except SyntaxError as problem:
            end = min(problem.lineno or len(lines), len(lines)) - 1
            lines = lines[: max(end, 0)]
        except (ValueError, RecursionError, MemoryError):
            return []
    return []


def named(statement: ast.stmt) -> set[str]:
    """Return the names that a statement of a cell defines or assigns, in its blocks too."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        found = (node for target in targets for node in ast.walk(target))
        return {node.id for node in found if isinstance(node, ast.Name)}
    return {name for inner in inner_statements(statement) for name in named(inner)}


def inner_statements(statement: ast.stmt) -> list[ast.stmt]:
    """Return the statements in the blocks of an `if`, a `try`, a `with` or a loop."""
    blocks = [getattr(statement, block, []) for block in ("body", "orelse", "finalbody")]
    blocks += [handler.body for handler in getattr(statement, "handlers", [])]
    return [inner for block in blocks for inner in block]


def fingerprint(statement: ast.stmt) -> str:
    """Return what a statement says, without its comments, its layout and its docstring."""
    if isinstance(statement, ast.FunctionDef) and ast.get_docstring(statement) is not None:
        rest = statement.body[1:] or [ast.Pass()]
        statement = ast.FunctionDef(**{**_fields(statement), "body": rest})
    return ast.dump(statement)


def shape(statement: ast.stmt) -> str:
    """Return a digest of a statement without its names; "" for one too small to say anything."""
    nodes = list(ast.walk(statement))
    if len(nodes) < SMALLEST:
        return ""
    kinds = [type(node).__name__ + repr(getattr(node, "value", "")) * isinstance(node, ast.Constant)
             for node in nodes]  # fmt: skip
    return hashlib.sha256(" ".join(kinds).encode()).hexdigest()[:16]


def _fields(node: ast.AST) -> dict[str, Any]:
    return dict(ast.iter_fields(node))
