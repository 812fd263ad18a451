"""Whose id is it? A platform's ids told by the roster, or by the platform's own list of people.

Nothing is guessed: an id or an e-mail address is equal to another one, or it is not. Names never
count, because two students may share one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cs826tl_grader.plain.tables import read_roster, read_table
from cs826tl_grader.platforms.arrivals import Arrival


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

    Its columns are `student`, `email`, and one named after the platform, such as `moodle`; any but
    the first may be missing. Raises `ValueError` if two students share an id.
    """
    rows = read_roster(roster)
    known = _owners(roster, rows, "student", "email", "e-mail")
    there = _owners(roster, rows, kind)
    return People(tuple(row["student"] for row in rows), known, there)


def _owners(roster: Path, rows: Sequence[Mapping[str, str]], *titles: str) -> dict[str, str]:
    """Return the student of every id in these columns."""
    owners: dict[str, str] = {}
    for row in rows:
        for cell in filter(None, (_folded(row.get(title, "")) for title in titles)):
            student = owners.setdefault(cell, row["student"])
            if student != row["student"]:
                raise ValueError(f"{roster}: {cell} belongs to {student} and to {row['student']}")
    return owners


def told_by(listed: Path, people: People, arrivals: Sequence[Arrival]) -> dict[str, set[str]]:
    """Return the students that a platform's own list names for each of the platform's ids.

    One column of the list holds the platform's ids, alone or behind a word ("Participant 17"), and
    one or more hold ids or addresses of the roster, whatever they are called and in which language.
    Only a column whose entries are mostly such ids counts, so that a mark of 17 is nobody's id.
    """
    head, *rows = read_table(listed)
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
        if there := _last(_cell(row, theirs)):
            found = people.whose(_cell(row, column) for column in ours)
            told.setdefault(there, set()).update(found)
    return told


def _share(rows: Sequence[Sequence[str]], column: int, ids: Iterable[str]) -> float:
    """Return the share of a column's entries that are among the ids, each once."""
    cells = Counter(filter(None, (_last(_cell(row, column)) for row in rows)))
    known = set(ids)
    return sum(cell in known for cell in cells) / max(1, cells.total())


def _cell(row: Sequence[str], column: int) -> str:
    return row[column] if column < len(row) else ""


def _folded(word: str) -> str:
    return word.strip().casefold()


def _last(cell: str) -> str:
    """Return the last word: the id in "Participant 17"."""
    return _folded(cell).rpartition(" ")[2]
