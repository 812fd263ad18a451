"""What a platform module knows: whose files these are, and under which names feedback goes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cs826tl_grader.marking.marks import Mark
from cs826tl_grader.platforms.reading import Entry


@dataclass(frozen=True)
class Arrival:
    """One attempt of one student, as the platform delivers it.

    `there` is the platform's own id of the student, "" where nothing names it; `ids` are ids that
    also hold elsewhere, such as a user's name or an e-mail address. A number that the platform
    counts students by is none of these: it could be another student's id at your university.
    `label` is the student's id where there is no roster. `entry` is what the archive calls it.
    Attempts of one student sort by `attempt`. `back` is what names on the way back begin with,
    and `kept` are small files that go back as they came.
    """

    there: str
    ids: tuple[str, ...]
    label: str
    entry: str
    files: tuple[Entry, ...]
    name: str = ""
    attempt: str = ""
    late: bool = False
    note: str = ""
    back: str = ""
    kept: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Returned:
    """What one student gets back: a page for each exercise, and the marks that it shows."""

    arrival: Arrival
    pages: Mapping[str, bytes]  # by the page's name, NN_slug.html
    marks: Mapping[str, Sequence[Mark]]  # by exercise


class Platform(Protocol):
    """A learning platform's form of an archive of submissions, and of its answer to it."""

    kind: str  # the word for it on the command line and in the report
    title: str
    people: str  # which of its own lists tells its ids from yours, and where to download it

    def recognises(self, entries: Sequence[Entry]) -> bool:
        """Say whether the files lie as this platform lays them."""

    def arrivals(self, entries: Sequence[Entry]) -> list[Arrival]:
        """Return every attempt in the archive; of several by one student the newest will count."""

    def returned(self, answers: Sequence[Returned]) -> dict[str, bytes]:
        """Return what the archive that goes back to the platform holds, by path."""


def placed(answers: Sequence[Returned], form: str) -> dict[str, bytes]:
    """Return every page under a path of this form, filled in with `arrival` and `page`.

    >>> ada = Arrival("17", (), "ada", "ada", ())
    >>> placed([Returned(ada, {"01_why.html": b""}, {})], "{arrival.label}/{page}")
    {'ada/01_why.html': b''}
    """
    return {
        form.format(arrival=one.arrival, page=name): page
        for one in answers
        for name, page in one.pages.items()
    }
