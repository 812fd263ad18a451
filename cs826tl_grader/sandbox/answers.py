"""Where the answer to a question is: by name, else by marker, else by metadata.

An answer that fails is left to a person where the notebook raises a doubt about it.

Nothing of the student's runs here: cells are parsed, never matched as text.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cs826tl_grader.plain.notebook import Cell, without_pictures
from cs826tl_grader.plain.statements import (
    DEFINITIONS,
    Skipped,
    bound,
    fingerprint,
    is_blank,
    named,
    read,
    shape,
    statements,
    written,
)

VERSION = f"Python {sys.version_info.major}.{sys.version_info.minor}"
GOES_ON = re.compile(r"(?:[ \t]*+(?:#.*)?\n)*+[ \t]+[^\s#]")  # a cell that begins indented
Fingerprints = tuple[str, ...]
Given = set[Fingerprints]  # what the release gave out
Group = tuple[int, list[ast.stmt]]  # the number of a cell, and those of its statements that answer


@dataclass(frozen=True)
class Answer:
    """The answer that was found: the name to call, or the text.

    `rivals` is true if two answers contradict each other; then `text` holds all of them, for the
    person who has to choose. `unreadable` says which line keeps an answer from being Python. `note`
    says what else the student should know, and `doubt` why a person should look at it if it fails.
    `shape` is a digest of the code without its names, to find copies by, and `code` is its text, to
    be shown beside its mark.
    """

    name: str = ""
    text: str = ""
    rivals: bool = False
    shape: str = ""
    unreadable: str = ""
    note: str = ""
    doubt: str = ""
    code: str = ""


def find_code(
    question: str, cells: Sequence[Cell], stubs: Sequence[str], released: Sequence[str] = ()
) -> Answer:
    """Find the function or value that answers a question; `stubs` are the release's own cells.

    Within a cell the last answer counts, as it does in Python. A cell that was duplicated is one
    answer, and so are all the steps that set a value. Answers that differ are rivals, unless all
    but one are stubs. `released` are the texts of the release.
    """
    code = {k: cell.source for k, cell in enumerate(cells) if cell.kind == "code"}
    given = _given(question, stubs)
    own = {key: (k, part) for k in code for key, part in _own(question, code[k], given)}
    if own:
        return _answer(question, code, own, given)
    if unreadable := _unreadable(question, code.values()):
        return unreadable
    bare = {*map(_bare, released)}
    other = [c for c in cells if c.kind != "code" or not _groups(question, c.source)]
    other = [c for c in other if _bare(c.source) not in bare]
    if stub := [(k, part) for k in code for part in _groups(question, code[k])[-1:]]:
        there = _mentioned(question, other)  # as nobody has touched the stub
        return replace(there, name=question, doubt=_goes_on(code, *stub[-1]) or there.doubt)
    names = _sole_names([c for c in cells if question in c.marked])
    names = names or _sole_names([c for c in cells if c.tagged == question])
    if names:
        return Answer(names[0], rivals=len(names) > 1)
    if any(question in bound(s) for source in code.values() for s in statements(source)):
        return Answer(question)
    there = _mentioned(question, other)
    return there if there.doubt else _guessed(question, other)


def superseded(question: str, cells: Sequence[Cell], stubs: Sequence[str]) -> set[tuple[int, str]]:
    """Return the stubs to leave out: the numbers of their cells, and their fingerprints.

    A stub that stands below the answer would otherwise replace it. Without an answer nothing is
    left out.
    """
    given = _given(question, stubs)
    code = {k: cell.source for k, cell in enumerate(cells) if cell.kind == "code"}
    if not any(_own(question, source, given) for source in code.values()):
        return set()
    return {
        (k, print_)
        for k, source in code.items()
        for group in _groups(question, source)
        if _is_stub(group, given)
        for print_ in _key(group)
    }


def _groups(question: str, source: str) -> list[list[ast.stmt]]:
    """Return a cell's answers, the last one last: each definition, and all steps to a value."""
    parts = [s for s in statements(source) if question in named(s)]
    groups: list[list[ast.stmt]] = [[part] for part in parts if isinstance(part, DEFINITIONS)]
    steps = [part for part in parts if not isinstance(part, DEFINITIONS)]
    groups += [steps] if steps else []
    return sorted(groups, key=lambda group: group[-1].lineno)


def _own(question: str, source: str, given: Given) -> list[tuple[Fingerprints, list[ast.stmt]]]:
    """Return a cell's last answer that is no stub, in a list, or an empty list."""
    own = [group for group in _groups(question, source) if not _is_stub(group, given)]
    return [(_key(group), group) for group in own[-1:]]


def _given(question: str, stubs: Sequence[str]) -> Given:
    return {_key(group) for stub in stubs for group in _groups(question, stub)}


def _is_stub(group: Sequence[ast.stmt], given: Given) -> bool:
    return _key(group) in given or is_blank(group[0])


def _key(group: Sequence[ast.stmt]) -> Fingerprints:
    return tuple(fingerprint(part) for part in group)


def _answer(
    question: str, code: dict[int, str], own: dict[Fingerprints, Group], given: Given
) -> Answer:
    shapes = sorted(shape(part) for _, parts in own.values() for part in parts)
    all_of_them = "\n\n".join(written(parts, code[k]) for k, parts in own.values())
    place, parts = list(own.values())[-1]
    again = _used_again(question, code, place, parts, given)
    return Answer(
        question,
        text=all_of_them if len(own) > 1 else "",
        rivals=len(own) > 1,
        shape=shapes[-1],
        note=_left_out(read(code[place])[1]),
        doubt="; ".join(filter(None, [_goes_on(code, place, parts), again])),
        code=written(parts, code[place]),
    )


def _goes_on(code: dict[int, str], place: int, parts: Sequence[ast.stmt]) -> str:
    """Say so if an answer ends its cell, and the next cell begins as if it went on there."""
    below = next((source for k, source in code.items() if k > place), "")
    if parts[-1] is statements(code[place])[-1] and GOES_ON.match(below):
        return "the cell below it begins indented, as if it went on there: merge the two"
    return ""


def _used_again(
    question: str, code: dict[int, str], place: int, parts: Sequence[ast.stmt], given: Given
) -> str:
    """Say which line below an answer gives its name to something else, if one does."""
    definitions = [s for s in statements(code[place]) if question in named(s) and _defines(s)]
    answer = (definitions or parts)[-1]
    for k, source in code.items():
        for statement in statements(source) if k >= place else ():
            below = k > place or statement.lineno > answer.lineno
            if below and question in bound(statement) and not _is_stub([statement], given):
                line = written([statement], source).strip().split("\n")[0][:60]
                return f"`{line}` below it gives its name to something else: take another name"
    return ""


def _mentioned(question: str, cells: Sequence[Cell]) -> Answer:
    """Return the cell that gives a name its meaning, but not as code that runs, if there is one."""
    starts = re.compile(rf"\b(?:(?:def|class)[ \t]+{question}\b|{question}[ \t]*=(?!=))")
    for cell in cells:
        if starts.search(cell.source):
            where = f"it stands in a {cell.kind} cell, but not as code that runs"
            how = "put it at the left margin of a code cell, outside classes, comments and texts"
            return Answer(text=cell.source, doubt=f"{where}: {how}")
    return Answer()


def _guessed(question: str, cells: Sequence[Cell]) -> Answer:
    """Return the last function that a student defined, where the question's stub is gone."""
    others = [cell for cell in cells if cell.kind == "code" and _defines(*statements(cell.source))]
    if not others:
        return Answer()
    doubt = f"is it `{_sole_names(others)[-1]}`? Then give it the name `{question}`"
    return Answer(text=others[-1].source, doubt=doubt)


def _defines(*found: ast.stmt) -> bool:
    return any(isinstance(statement, ast.FunctionDef) for statement in found)


def _left_out(skipped: Sequence[Skipped]) -> str:
    shown = ", ".join(map(str, skipped[:3])) + (" and more" if len(skipped) > 3 else "")
    return f"left out of its cell, as it is not {VERSION}: {shown}" if skipped else ""


def _unreadable(question: str, code: Iterable[str]) -> Answer | None:
    """Return what is known of an answer that is not Python, or None where there is none such."""
    start = rf"^[ \t]*(?:(?:async\s+)?def\s+{question}\b|{question}\s*(?::[^=\n]*)?=(?!=))"
    broken = [s for text in code for s in read(text)[1] if re.search(start, s.text, re.MULTILINE)]
    if not broken:
        return None
    why = f"{broken[-1]} of its cell is not {VERSION}: correct it, or rewrite it for this version"
    return Answer(text=broken[-1].text, unreadable=why)


def _sole_names(cells: Sequence[Cell]) -> list[str]:
    """Return the functions that cells define, each once; without any, the last value they set."""
    bodies = [s for cell in cells if cell.kind == "code" for s in statements(cell.source)]
    functions = [s.name for s in bodies if isinstance(s, ast.FunctionDef)]
    values = [name for s in bodies if not isinstance(s, ast.FunctionDef) for name in named(s)]
    return list(dict.fromkeys(functions)) or list(dict.fromkeys(values))[-1:]


def find_text(
    question: str, cells: Sequence[Cell], prompts: Sequence[str], released: Sequence[str] = ()
) -> Answer:
    """Find the written answer; `prompts` and `released` are the release's own texts.

    It stands in the cell that is marked for it. Where that one is as it was given out, a marked
    cell of another kind counts, or else the cells right below it, or else any of the student's own.
    """
    given = {_bare(text) for text in (*prompts, *released)}
    for note, texts in _text_places(question, cells, given):
        own = list(dict.fromkeys(t.strip() for t in texts if t.strip() and _bare(t) not in given))
        if own:
            return Answer(text="\n\n".join(own), rivals=len(own) > 1, note=note)
    return Answer()


def _text_places(
    question: str, cells: Sequence[Cell], given: set[str]
) -> Iterator[tuple[str, list[str]]]:
    marked = [c for c in cells if question in c.marked]
    tagged = [c for c in cells if c.tagged == question]
    for there in (marked, tagged):
        if texts := [c.source for c in there if c.kind == "markdown"]:
            yield "", texts
            break
    for kind in ("raw", "code"):
        texts = [c.source for c in marked or tagged if c.kind == kind and _is_prose(c)]
        yield f"found in a {kind} cell", texts
    below = [_below(k, cells, given) for k, c in enumerate(cells) if c in (marked or tagged)]
    yield "found in the cell below the one for it", ["\n\n".join(b) for b in below]
    code = [c for c in cells if c.kind == "code" and not c.marked]
    yield (
        "found in a code cell",
        [c.source for c in code if any(question in named(s) for s in statements(c.source))],
    )
    others = [c.source for c in cells if c.kind != "code" and not c.marked]
    own = [text for text in others if _bare(text) not in given]
    yield "found in a cell without its marker", ["\n\n".join(own)]


def _below(place: int, cells: Sequence[Cell], given: set[str]) -> list[str]:
    """Return the prose in the cells below one, up to the next that the release gave out."""
    found = []
    for cell in cells[place + 1 :]:
        if _bare(cell.source) in given or cell.marked:
            break
        if _is_prose(cell):
            found.append(cell.source.strip())
    return found


def _is_prose(cell: Cell) -> bool:
    """Say whether a cell holds words: any but a code cell of Python that does something."""
    if cell.kind != "code":
        return True
    found, skipped = read(cell.source)
    return bool(skipped) or all(map(_says_something, found))


def _says_something(statement: ast.stmt) -> bool:
    """Say whether a statement is a text, prints one, or is a magic that lays one out."""
    match statement:
        case ast.Expr(value=ast.Constant() | ast.JoinedStr()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=[ast.Constant(value=str())])):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(), args=[ast.Constant(value=magic), *_])):
            return magic in ("md", "markdown", "html", "latex")
    return False


def _bare(text: str) -> str:
    return "".join(without_pictures(text).split())
