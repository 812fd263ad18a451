"""Whose id is it? A platform's ids told by the roster, or by the platform's own list of people.

Nothing is guessed: an id or an e-mail address is equal to another one, or it is not. Names never
count, because two students may share one.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cs826tl_grader.platforms.arrivals import Arrival

LONGEST = 20 * 2**20  # bytes of a list of people


@dataclass(frozen=True)
class People:
    """The students of a course, and every id under which one of them may be known.

    >>> people = People(("s1", "s2"), {"s1": "s1", "ada@b.edu": "s1", "s2": "s2"}, {"17": "s2"})
    >>> people.whose(["17", "Ada@B.edu"]), people.there("17"), len(people.whose(["s1", "s2"]))
    ({'s1'}, {'s2'}, 2)
    """

    students: tuple[str, ...]
    known: Mapping[str, str]  # folded id or e-mail → student
    on_platform: Mapping[str, str]  # folded id there → student

    def whose(self, ids: Iterable[str]) -> set[str]:
        """Return the students that go by one of these ids: none, one, or several that disagree."""
        return {self.known[key] for key in map(_folded, ids) if key in self.known}

    def there(self, identity: str) -> set[str]:
        """Return the student whom the roster gives this id on the platform."""
        found = self.on_platform.get(_folded(identity))
        return set() if found is None else {found}


def read_people(roster: Path, kind: str) -> People:
    """Read the students' ids, e-mail addresses and ids on the platform `kind` from a roster.

    The columns are `student` (or else the first one), `email`, and one named after the platform,
    such as `moodle`; any but the first may be missing. Raises `ValueError` if two students share
    an id.
    """
    titles, *rows = _table(roster)
    head = [_folded(title) for title in titles]
    first = head.index("student") if "student" in head else 0
    columns = [head.index(word) for word in ("email", "e-mail") if word in head]
    if "student" not in head:
        rows.insert(0, titles)
    rows = [row for row in rows if _cell(row, first)]
    known = _owners(roster, rows, first, [first, *columns])
    there = _owners(roster, rows, first, [head.index(kind)] if kind in head else [])
    return People(tuple(_cell(row, first) for row in rows), known, there)


def _owners(
    roster: Path, rows: Sequence[Sequence[str]], first: int, columns: Sequence[int]
) -> dict[str, str]:
    """Return the student of every id in these columns."""
    owners: dict[str, str] = {}
    for row in rows:
        student = _cell(row, first)
        for cell in filter(None, (_folded(_cell(row, column)) for column in columns)):
            if owners.setdefault(cell, student) != student:
                raise ValueError(f"{roster}: {cell} belongs to {owners[cell]} and to {student}")
    return owners


def told_by(listed: Path, people: People, arrivals: Sequence[Arrival]) -> dict[str, set[str]]:
    """Return the students that a platform's own list names for each of the platform's ids.

    One column of the list holds the platform's ids, alone or behind a word ("Participant 17"), and
    one or more hold ids or addresses of the roster, whatever they are called and in which language.
    Only a column whose entries are mostly such ids counts, so that a mark of 17 is nobody's id.
    """
    head, *rows = _table(listed)
    ids = {_folded(arrival.there) for arrival in arrivals}
    columns = range(len(head))
    theirs = max(columns, key=lambda k: _share(rows, k, ids), default=0)
    ours = [k for k in columns if k != theirs and _share(rows, k, people.known) > 0.5]
    if not rows or not _share(rows, theirs, ids) or not ours:
        raise ValueError(
            f"{listed}: no two columns tell the platform's ids and those of the roster; "
            f"its columns are {', '.join(head)}"
        )
    told: dict[str, set[str]] = {}
    for row in rows:
        found = people.whose(_cell(row, column) for column in ours)
        told.setdefault(_last(_cell(row, theirs)), set()).update(found)
    return told


def _share(rows: Sequence[Sequence[str]], column: int, ids: Iterable[str]) -> float:
    """Return the share of a column's entries that are among the ids, each once."""
    cells = Counter(filter(None, (_last(_cell(row, column)) for row in rows)))
    known = set(ids)
    return sum(cell in known for cell in cells) / max(1, cells.total())


def _cell(row: Sequence[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _folded(word: str) -> str:
    return word.strip().casefold()


def _last(cell: str) -> str:
    """Return the last word: the id in "Participant 17"."""
    return _folded(cell).rpartition(" ")[2]


def _table(path: Path) -> list[list[str]]:
    """Return the rows of a CSV with commas, semicolons or tabs, in UTF-8 or UTF-16."""
    with path.open("rb") as file:
        content = file.read(LONGEST)
    text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    if not rows:
        raise ValueError(f"{path}: the list is empty")
    return rows
