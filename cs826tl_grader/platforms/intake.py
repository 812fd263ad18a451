"""From a platform's archive to one folder per student, each entry matched and told; and back."""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from cs826tl_grader.marking.cohort import Marks
from cs826tl_grader.plain.writing import safe_name, write_bytes, zipped
from cs826tl_grader.platforms.arrivals import Arrival, Platform, Returned
from cs826tl_grader.platforms.blackboard import Blackboard
from cs826tl_grader.platforms.canvas import Canvas
from cs826tl_grader.platforms.clones import Clones
from cs826tl_grader.platforms.folders import Folders, Homes, homes_of
from cs826tl_grader.platforms.gradescope import Gradescope
from cs826tl_grader.platforms.moodle import Moodle
from cs826tl_grader.platforms.nbgrader import NBGrader
from cs826tl_grader.platforms.people import People, read_people, told_by
from cs826tl_grader.platforms.reading import CannotRead, Entry, files_of
from cs826tl_grader.platforms.unpacking import is_notebook, unpack

KNOWN: tuple[Platform, ...] = (
    Gradescope(), NBGrader(), Moodle(), Blackboard(), Canvas(), Clones(),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """What became of one entry of the archive, or of one student of whom there is none.

    `status` is `received`, `unmatched`, `older` or `missing`.
    """

    entry: str
    student: str
    name: str
    attempt: str
    late: str  # or nothing
    status: str
    reason: str


@dataclass(frozen=True)
class Received:
    """Submissions as the grader takes them, and what the archive was."""

    platform: Platform
    folder: Path
    counted: Mapping[str, Arrival] = field(default_factory=dict)  # by student
    rows: Sequence[Row] = ()
    troubled: Mapping[str, str] = field(default_factory=dict)  # whose files could not be written


def platform_of(entries: Sequence[Entry]) -> tuple[Platform, list[Entry]]:
    """Return the platform that lays files so, and the files from its own top folder on.

    Raises `CannotRead` if no platform does.

    >>> import io
    >>> path = "export/Ada_17_assignsubmission_file/01_why.ipynb"
    >>> platform, (entry,) = platform_of([Entry(path, io.BytesIO)])
    >>> platform.kind, entry.path
    ('moodle', 'export/Ada_17_assignsubmission_file/01_why.ipynb')
    """
    levels = [list(entries)]
    while top := _common_folder(levels[-1]):
        levels.append([entry.below(top) for entry in levels[-1]])
    plain = Folders()  # in doubt: below the one folder that holds all, where there are any
    for platform, level in [*product(KNOWN, levels), *((plain, few) for few in levels[1::-1])]:
        if platform.recognises(level):
            return platform, level
    raise CannotRead("it holds no folder of a student, and no platform names files so")


def _common_folder(entries: Sequence[Entry]) -> str:
    """Return the one folder that holds all entries, or ""."""
    tops = {entry.path.partition("/")[0] for entry in entries}
    nested = all("/" in entry.path for entry in entries)
    return tops.pop() if nested and len(tops) == 1 else ""


def receive(what: Path, work: Path, roster: Path | None, listed: Path | None) -> Received | None:
    """Recognise an archive or a folder, and put what counts into `work/<student>`.

    `work` is made anew. `roster` names the students, and `listed` is the platform's own list of
    people. Without a roster everybody in the archive is a student, under the platform's own name.
    Returns None for a folder that no platform lays so, with one folder per student: it is graded as
    it lies. Raises `CannotRead` for an archive that no platform lays so.
    """
    with files_of(what) as entries:
        try:
            platform, below = platform_of(entries)
        except CannotRead:
            if not what.is_dir():
                raise
            return None
        if what.is_dir() and isinstance(platform, Folders):
            return None
        arrivals = platform.arrivals(below)
        claimed = {file.open for arrival in arrivals for file in arrival.files}
        strays = [e for e in below if e.open not in claimed and is_notebook(e.name)]
        return _sorted_out(platform, arrivals, strays, work, roster, listed)


def collect(pattern: str, work: Path, roster: Path | None) -> Received:
    """Do the same with the homes of a JupyterHub's users; `pattern` says where notebooks lie."""
    return _sorted_out(Homes(), homes_of(pattern), (), work, roster, None)


def _sorted_out(
    platform: Platform,
    arrivals: Sequence[Arrival],
    strays: Sequence[Entry],
    work: Path,
    roster: Path | None,
    listed: Path | None,
) -> Received:
    people = read_people(roster, platform.kind) if roster else None
    told = told_by(listed, people, arrivals) if listed and people else {}
    rows = [
        Row(e.path, "", "", "", "", "unmatched", "it lies in no student's folder") for e in strays
    ]
    claims: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        student, why = _whose(arrival, people, told, platform)
        if why:
            rows.append(_row(arrival, "", "unmatched", why))
        else:
            claims[student].append(arrival)
    counted = {}
    for student, attempts in claims.items():
        newest, *older = sorted(attempts, key=lambda one: one.attempt, reverse=True)
        if older and older[0].attempt == newest.attempt:
            why = f"several entries belong to {student}, and nothing says which is the newest"
            rows += [_row(one, student, "unmatched", why) for one in attempts]
            continue
        counted[student] = newest
        why = f"the attempt of {newest.attempt} counts"
        rows += [_row(one, student, "older", why) for one in older]
    troubled: dict[str, str] = {}
    rows += _put(counted, work, troubled)
    for student in people.students if people else ():
        if student not in claims:
            rows.append(Row("", student, "", "", "", "missing", "nothing arrived"))
    order = ("unmatched", "missing", "older", "received")
    rows.sort(key=lambda row: (order.index(row.status), row.student, row.entry))
    return Received(platform, work, counted, rows, troubled)


def _whose(
    arrival: Arrival, people: People | None, told: Mapping[str, set[str]], platform: Platform
) -> tuple[str, str]:
    """Return the student, or else why it is nobody's."""
    if people is None:
        return safe_name(arrival.label), "" if arrival.there else arrival.note
    owners = people.whose(arrival.ids) | people.there(arrival.there)
    owners |= told.get(arrival.there.casefold(), set())
    if len(owners) == 1:
        (student,) = owners
        fits = safe_name(student) == student
        return student, "" if fits else f"{student!r} on the roster can be no folder's name"
    if owners:
        return "", f"it belongs to {' and to '.join(sorted(owners))}"
    why = f"no id of it is on the roster: give --people {platform.people}"
    return "", why if arrival.there else arrival.note


def _row(arrival: Arrival, student: str, status: str, reason: str) -> Row:
    late = "late" * arrival.late
    return Row(arrival.entry, student, arrival.name, arrival.attempt, late, status, reason)


def _put(counted: Mapping[str, Arrival], work: Path, troubled: dict[str, str]) -> Iterator[Row]:
    """Write everybody's files, and yield a row for each; note in `troubled` where that fails."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, mode=0o700)
    shared = Counter(arrival.name for arrival in counted.values() if arrival.name)
    for student, arrival in counted.items():
        notes = [arrival.note]
        try:
            notes += unpack(arrival.files, work / student)
        except Exception as problem:  # it is this student's, and nobody else's
            troubled[student] = "the files could not be read: your lecturer will look at them"
            notes.append(f"not read: {type(problem).__name__}: {problem}")
        if shared[arrival.name] > 1:
            notes.append("another student has the same name")
        if arrival.late:
            notes.append("handed in late")
        yield _row(arrival, student, "received", "; ".join(filter(None, notes)))


def write_returns(received: Received, marks: Marks, report: Path) -> Path:
    """Write `report/returns/<platform>.zip` from the marks and the pages in `report/feedback`."""
    pages: dict[str, list[Path]] = {student: [] for student in received.counted}
    for student, exercise in marks:
        place = report / "feedback" / safe_name(student) / f"{exercise}.html"
        pages.setdefault(student, []).append(place)
    return write_back(received, pages, marks, report)


def write_back(
    received: Received, given: Mapping[str, Sequence[Path]], marks: Marks, report: Path
) -> Path:
    """Write `report/returns/<platform>.zip` with the files that are given back to each student.

    Only those who handed in are in it: a platform takes feedback on a submission.
    """
    answers = [
        Returned(
            arrival,
            {path.name: path.read_bytes() for path in given.get(student, ()) if path.exists()},
            {exercise: found for (who, exercise), found in marks.items() if who == student},
        )
        for student, arrival in sorted(received.counted.items())
    ]
    place = report / "returns" / f"{received.platform.kind}.zip"
    write_bytes(place, zipped(received.platform.returned(answers)))
    return place
