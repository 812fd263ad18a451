"""Answers alike: who wrote the same code but for its names, and what exactly is the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from cs826tl_grader.marking.marks import Mark

FEWEST = 2  # longer answers of an exercise that must be alike
Lines = list[tuple[str, bool]]  # each line of code, and whether the other one has it too


@dataclass(frozen=True)
class Alike:
    """Students whose longer answers to an exercise are alike; the first two are shown beside."""

    exercise: str
    students: Sequence[str]
    beside: Sequence[tuple[str, Lines, Lines]]  # by question


def alike(exercise: str, found: Mapping[str, Sequence[Mark]]) -> list[Alike]:
    """Return the groups of an exercise, the largest first."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for student, marks in found.items():
        shapes = tuple(m.shape for m in marks if m.shape)
        if len(shapes) >= FEWEST:
            groups[shapes].append(student)
    several = sorted((g for g in groups.values() if len(g) > 1), key=len, reverse=True)
    return [Alike(exercise, g, _beside(found[g[0]], found[g[1]])) for g in several]


def _beside(one: Sequence[Mark], other: Sequence[Mark]) -> list[tuple[str, Lines, Lines]]:
    theirs = {mark.question: mark for mark in other}
    return [
        (mark.question, *shared(mark.code, theirs[mark.question].code))
        for mark in one
        if mark.shape and mark.question in theirs
    ]


def shared(one: str, other: str) -> tuple[Lines, Lines]:
    r"""Return the lines of two texts, each with whether the other text has it in its place.

    >>> shared("a = 1\nb = 2", "a = 1\nc = 2")
    ([('a = 1', True), ('b = 2', False)], [('a = 1', True), ('c = 2', False)])
    """
    left, right = one.split("\n"), other.split("\n")
    blocks = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    same_left = {block.a + k for block in blocks for k in range(block.size)}
    same_right = {block.b + k for block in blocks for k in range(block.size)}
    return (
        [(line, k in same_left) for k, line in enumerate(left)],
        [(line, k in same_right) for k, line in enumerate(right)],
    )
