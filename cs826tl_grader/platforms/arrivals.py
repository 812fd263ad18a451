"""What a platform module knows: whose files these are, and under which names feedback goes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

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


class Platform:
    """A learning platform's form of an archive of submissions, and of its answer to it."""

    kind: str  # the word for it on the command line and in the report
    title: str
    people: str  # which of its own lists tells its ids from yours, and where to download it
    back: str  # the path of a page that goes back, by `arrival` and `page`

    def split(self, path: str) -> tuple[str, str] | None:
        """Return what the archive calls the attempt to which a file belongs, and the path in it.

        Returns None for a file of nobody's.
        """
        raise NotImplementedError

    def arrival(self, entry: str, files: Sequence[Entry]) -> Arrival:
        """Return the attempt that the archive calls `entry`."""
        raise NotImplementedError

    def recognises(self, entries: Sequence[Entry]) -> bool:
        """Say whether the files lie as this platform lays them: whether most belong to somebody."""
        return 2 * sum(self.split(entry.path) is not None for entry in entries) > len(entries)

    def arrivals(self, entries: Sequence[Entry]) -> list[Arrival]:
        """Return every attempt in the archive; of several by one student the newest will count."""
        found: dict[str, list[Entry]] = {}
        for entry in entries:
            if split := self.split(entry.path):
                found.setdefault(split[0], []).append(replace(entry, path=split[1]))
        return [self._arrival(name, files) for name, files in found.items()]

    def _arrival(self, entry: str, files: Sequence[Entry]) -> Arrival:
        try:
            return self.arrival(entry, files)
        except Exception as problem:  # it is this entry's, and nobody else's
            note = f"it cannot be read: {type(problem).__name__}: {problem}"
            return Arrival("", (), entry, entry, (), note=note)

    def returned(self, answers: Sequence[Returned]) -> dict[str, bytes]:
        """Return what the archive that goes back to the platform holds, by path."""
        return {
            self.back.format(arrival=one.arrival, page=name): page
            for one in answers
            for name, page in one.pages.items()
        }
