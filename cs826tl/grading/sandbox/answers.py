"""Where the answer to a question stands: by name, else by marker, else by metadata."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from cs826tl.grading.plain.notebook import Cell, fingerprint, named, shape, statements

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Answer:
    """What was found: the name to ask for, or the text; `rivals` where two answers contradict.

    Of rivals in code the text has them all, for who has to choose.

    `shape` is a digest of the answer's code without its names, to find copies by.
    """

    name: str = ""
    text: str = ""
    rivals: bool = False
    shape: str = ""

    @property
    def found(self) -> bool:
        """Whether there is an answer at all."""
        return bool(self.name or self.text)


def find_code(question: str, cells: Sequence[Cell], stubs: Sequence[str]) -> Answer:
    """Find the function or value that answers a question; `stubs` are what the release gave out.

    A cell that was duplicated is one answer, and so are the steps by which a cell computes a value;
    two answers that differ, and are not the stub, are rivals.
    """
    given = {a for stub in stubs for a in _answers_in(question, stub)}
    code = [cell.source for cell in cells if cell.kind == "code"]
    found = {a: parts for source in code for a, parts in _answers_in(question, source).items()}
    own = {a: parts for a, parts in found.items() if a not in given}
    if found:
        shapes = sorted(shape(part) for parts in own.values() for part in parts)
        both = "\n\n".join(ast.unparse(part) for parts in own.values() for part in parts)
        return Answer(
            question,
            text=both if len(own) > 1 else "",
            rivals=len(own) > 1,
            shape=shapes[-1] if shapes else "",
        )
    names = _sole_names(question, [c for c in cells if question in c.marked])
    names = names or _sole_names(question, [c for c in cells if c.tagged == question])
    return Answer(names[0], rivals=len(names) > 1) if names else Answer()


def _answers_in(question: str, source: str) -> dict[tuple[str, ...], list[ast.stmt]]:
    """Return a cell's answers by what they say: each function, and all that sets a value."""
    parts = [s for s in statements(source) if question in named(s)]
    found: list[list[ast.stmt]] = [[part] for part in parts if isinstance(part, DEFINITIONS)]
    found.append([part for part in parts if not isinstance(part, DEFINITIONS)])
    return {tuple(fingerprint(part) for part in answer): answer for answer in found if answer}


def find_text(question: str, cells: Sequence[Cell], prompts: Sequence[str]) -> Answer:
    """Find the written answer; `prompts` are the texts of the release, which answer nothing."""
    texts = [c for c in cells if c.kind == "markdown"]
    found = [c.source for c in texts if question in c.marked]
    found = found or [c.source for c in texts if c.tagged == question]
    own = list(dict.fromkeys(t.strip() for t in found if _bare(t) not in map(_bare, prompts)))
    return Answer(text="\n\n".join(own), rivals=len(own) > 1)


def _sole_names(question: str, cells: Sequence[Cell]) -> list[str]:
    """Return the functions that marked cells define, each once; a value if there is no function."""
    bodies = [s for cell in cells if cell.kind == "code" for s in statements(cell.source)]
    functions = [s.name for s in bodies if isinstance(s, ast.FunctionDef)]
    values = [name for s in bodies if not isinstance(s, ast.FunctionDef) for name in named(s)]
    return list(dict.fromkeys(functions)) or list(dict.fromkeys(values))[-1:]


def _bare(text: str) -> str:
    return "".join(text.split())
