"""A notebook's file as JSON, after the repairs that are certain: coding, commas, conflicts, format.

Each repair is named, so that a student knows what happened to the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from cs826tl_grader.plain.exchange import too_many_parts

# A string, which is kept as it is, or a comma that nothing follows. Each string matches, even one
# without an end: else a file of a few kilobytes would take hours, quote after quote.
STRING_OR_COMMA = re.compile(r'("(?:[^"\\]++|\\.?)*+(?:"|\Z))|,(?=\s*+[\]}])', re.DOTALL)
MOST_CELLS = 2000  # of a notebook
MOST_PARTS = 10_000_000  # numbers, texts and lines of its file, outputs included
MOST_LISTS = 1_000_000  # lists and dictionaries of its file; each costs more memory than its text


def parse(content: bytes) -> tuple[list[Any], list[str]]:
    """Return what the JSON says, and the repairs it took, in words for the student.

    Two values come back where a merge conflict was left in the file, theirs before ours. Raises
    `ValueError` or `RecursionError` for what is not JSON.
    """
    text, repairs = _decoded(content)
    if text.count("\n") > MOST_PARTS or too_many_parts(text.encode(), MOST_PARTS, MOST_LISTS):
        raise ValueError("more parts than a notebook has")
    sides = conflict_sides(text)
    if sides:
        repairs.append("the file holds a merge conflict: both sides were read")
    values = [_loads(side, repairs) for side in sides or (text,)]
    return [_upgraded(value, repairs) for value in values], list(dict.fromkeys(repairs))


def conflict_sides(text: str) -> tuple[str, str] | None:
    r"""Return a text with their side of every merge conflict, and with ours; None without one.

    >>> conflict_sides("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> x\nd\n")
    ('a\nc\nd\n', 'a\nb\nd\n')
    """
    if "<<<<<<<" not in text:
        return None
    lines, theirs, ours, done = text.split("\n"), list[str](), list[str](), 0
    for start, base, middle, end in _conflicts(lines):
        theirs += lines[done:start] + lines[middle + 1 : end]
        ours += lines[done:start] + lines[start + 1 : base]
        done = end + 1
    if not done:
        return None
    return "\n".join(theirs + lines[done:]), "\n".join(ours + lines[done:])


def _conflicts(lines: Sequence[str]) -> list[tuple[int, ...]]:
    """Return where each conflict starts, where our side ends, where theirs starts, where it ends.

    In one pass: a regular expression would take hours for a file of nothing but starts.
    """
    found, places = [], list[int]()
    for number, line in enumerate(lines):
        match len(places):
            case 0 if _is_marker(line, "<<<<<<<"):
                places.append(number)
            case 1 if line.startswith("|||||||"):  # what both sides came from
                places.append(number)
            case 1 if line == "=======":
                places += [number, number]
            case 2 if line == "=======":
                places.append(number)
            case 3 if _is_marker(line, ">>>>>>>"):
                found.append((*places, number))
                places.clear()
    return found


def _is_marker(line: str, sign: str) -> bool:
    return line == sign or line.startswith(f"{sign} ")


def _decoded(content: bytes) -> tuple[str, list[str]]:
    coding = json.detect_encoding(content)
    try:
        text, repairs = content.decode(coding), []
        if not coding.startswith("utf-8"):
            repairs = [f"the file is in {coding.upper()} instead of UTF-8"]
    except UnicodeDecodeError:
        text, repairs = content.decode("cp1252", "replace"), ["the file is not in UTF-8"]
    return text.replace("\r\n", "\n").rstrip("\0"), repairs  # as a full disk leaves it


def _loads(text: str, repairs: list[str]) -> Any:
    try:
        return json.loads(text, strict=False, object_hook=_without_outputs)
    except ValueError:
        repaired = STRING_OR_COMMA.sub(lambda m: m[1] or "", text)
        if repaired == text:
            raise
        value = json.loads(repaired, strict=False, object_hook=_without_outputs)
        repairs.append("the file had a comma too many")
        return value


def _upgraded(value: Any, repairs: list[str]) -> Any:
    """Return a notebook of format 2 or 3 in format 4: the cells of all its sheets, as text."""
    if not (isinstance(value, dict) and "worksheets" in value and value.get("nbformat") in (2, 3)):
        return value
    try:
        cells = [_of_format_4(cell) for sheet in value["worksheets"] for cell in sheet["cells"]]
    except (TypeError, KeyError) as problem:
        raise ValueError("it has no cells where its format has them") from problem
    repairs.append(f"the file was in notebook format {value['nbformat']}")
    return {"cells": cells}


def _of_format_4(cell: dict[str, Any]) -> dict[str, Any]:
    kind = cell["cell_type"]
    source = cell["input"] if kind == "code" else cell["source"]
    kind = kind if kind in ("code", "raw") else "markdown"  # else it is a heading, or HTML
    return {"cell_type": kind, "source": source, "metadata": cell.get("metadata")}


def _without_outputs(read: dict[str, Any]) -> dict[str, Any]:
    """Drop the pictures of a cell as soon as it is read: the next ones need the memory."""
    for name in ("outputs", "attachments"):
        read.pop(name, None)
    return read
