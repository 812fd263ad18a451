"""A notebook's file as JSON, after the repairs that are certain: coding, commas, conflicts, format.

Each repair is named, so that a student knows what happened to the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

CONFLICT = re.compile(
    r"^<{7}(?: .*)?\n(?P<ours>(?:.*\n)*?)(?:\|{7}.*\n(?:.*\n)*?)?={7}\n"
    r"(?P<theirs>(?:.*\n)*?)>{7}(?: .*)?(?:\n|\Z)",
    re.MULTILINE,
)
# A string, which is kept as it is, or a comma that nothing follows.
STRING_OR_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[\]}])', re.DOTALL)


def parse(content: bytes) -> tuple[list[Any], list[str]]:
    """Return what the JSON says, and the repairs it took, in words for the student.

    Two values come back where a merge conflict was left in the file, theirs before ours. Raises
    `ValueError` or `RecursionError` for what is not JSON.
    """
    text, repairs = _decoded(content)
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
    if "<<<<<<<" not in text or CONFLICT.search(text) is None:
        return None
    pick: list[Callable[[re.Match[str]], str]] = [lambda m: m["theirs"], lambda m: m["ours"]]
    theirs, ours = (CONFLICT.sub(choose, text) for choose in pick)
    return theirs, ours


def _decoded(content: bytes) -> tuple[str, list[str]]:
    coding = json.detect_encoding(content)
    try:
        text, repairs = content.decode(coding), []
        if not coding.startswith("utf-8"):
            repairs = [f"the file is in {coding.upper()} instead of UTF-8"]
    except UnicodeDecodeError:
        text, repairs = content.decode("cp1252", "replace"), ["the file is not in UTF-8"]
    return text.replace("\r\n", "\n"), repairs


def _loads(text: str, repairs: list[str]) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        repaired = STRING_OR_COMMA.sub(lambda m: m[1] or "", text)
        if repaired == text:
            raise
        value = json.loads(repaired)
        repairs.append("the file had a comma too many")
        return value


def _upgraded(value: Any, repairs: list[str]) -> Any:
    """Return a notebook of format 2 or 3 in format 4."""
    if not (isinstance(value, dict) and "worksheets" in value and value.get("nbformat") in (2, 3)):
        return value
    import nbformat  # only here: a sandbox starts sooner without it

    try:
        upgraded = nbformat.reads(json.dumps(value), as_version=4)  # type: ignore[no-untyped-call]
    except Exception as problem:  # whatever it says of a file that is not what it claims to be
        raise ValueError(f"format {value['nbformat']} that nbformat cannot read") from problem
    repairs.append(f"the file was in notebook format {value['nbformat']}")
    return upgraded
