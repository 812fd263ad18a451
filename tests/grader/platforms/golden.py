"""Archives of a class as each platform makes them, and the lists of people that it exports.

Names are as the platforms' own sources and documents have them; see the docstrings in
`cs826tl_grader.platforms`. Students 1, 2, … have ids of their own on every platform, which the
roster does not know.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Student:
    """One student of the class; two in a row share a name every ten."""

    number: int

    @property
    def id(self) -> str:
        return f"s{self.number:03}"

    @property
    def email(self) -> str:
        return f"{self.id}@uni.example"

    @property
    def name(self) -> str:
        return f"Ada Lovelace{self.number - self.number % 10 // 9}"  # 8 and 9 share one

    @property
    def there(self) -> int:
        """The number that the platform gives the student."""
        return 40_000 + 7 * self.number


def class_of(size: int) -> list[Student]:
    return [Student(number) for number in range(1, size + 1)]


def roster(students: Iterable[Student]) -> str:
    return _csv([["student", "name", "email"], *([s.id, s.name, s.email] for s in students)])


def archive(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return path


def spread(folder: Path, files: Files) -> Path:
    """Lay the files out in a folder, as they come where nobody zips them."""
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder


def moodle(student: Student, files: Files) -> Iterator[tuple[str, bytes]]:
    for name, content in files.items():
        yield f"{student.name}_{student.there}_assignsubmission_file/{name}", content


def moodle_people(students: Iterable[Student]) -> str:
    """A grading worksheet, in German, with its quotation marks and decimal comma."""
    head = ["ID", "Vollständiger Name", "E-Mail-Adresse", "Status", "Bewertung"]
    rows = [[f"Teilnehmer/in {s.there}", s.name, s.email, "Abgegeben", "17,00"] for s in students]
    return _csv([head, *rows], ";")


def canvas(student: Student, files: Files) -> Iterator[tuple[str, bytes]]:
    late = "_LATE" if student.number % 5 == 0 else ""
    for k, (name, content) in enumerate(files.items()):
        flat = name.replace("/", "_")
        shown = f"{student.name.replace(' ', '').lower()}{late}_{student.there}_{9_000_000 + k}"
        yield f"{shown}_{flat}", content


def canvas_people(students: Iterable[Student]) -> str:
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Exercise (900)"]
    rows = [[s.name, str(s.there), s.id, s.email, "1", ""] for s in students]
    return _csv([head, ["    Points Possible", "", "", "", "", "6"], *rows])


def blackboard(
    student: Student, files: Files, when: str = "02-10-15-03"
) -> Iterator[tuple[str, bytes]]:
    start = f"Exercise_1_u{student.there}_attempt_2026-11-{when}"
    text = f"Name: {student.name} (u{student.there})\r\nAssignment: Exercise_1\r\n\r\nFiles:\r\n"
    yield f"{start}.txt", text.encode()
    for name, content in files.items():
        yield f"{start}_{name.replace('/', '_')}", content


def blackboard_people(students: Iterable[Student]) -> str:
    """A grade book as Blackboard writes it: UTF-16 with tabs, here as text."""
    head = ["Last Name", "First Name", "Username", "Student ID", "Exercise_1 [Total Pts: 6] |4"]
    rows = [["Lovelace", "Ada", f"u{s.there}", s.id, ""] for s in students]
    return _csv([head, *rows], "\t")


def gradescope(student: Student, files: Files) -> Iterator[tuple[str, bytes]]:
    for name, content in files.items():
        yield f"assignment_7_export/submission_{student.there}/{name}", content


def gradescope_metadata(students: Iterable[Student]) -> bytes:
    lines = []
    for s in students:
        lines += [
            f"submission_{s.there}:", "  :submitters:", f"  - :name: {s.name}",
            f"    :sid: '{s.id}'", f"    :email: {s.email}",
            "  :created_at: 2026-11-02 17:34:00.861687000 Z", "  :score: 2.0",
            "  :results:", "    output: |-", "      ====", "      Final Score:2.0",
        ]  # fmt: skip
    return "\n".join(lines).encode()


def nbgrader(
    student: Student, files: Files, when: str = "02 10:15:03.5"
) -> Iterator[tuple[str, bytes]]:
    folder = f"inbound/{student.id}+01_scale+2026-11-{when} UTC"
    yield f"{folder}/timestamp.txt", f"2026-11-{when} UTC".encode()
    yield f"{folder}/submission_secret.txt", b"ab" * 64
    for name, content in files.items():
        yield f"{folder}/{name}", content


def clones(student: Student, files: Files) -> Iterator[tuple[str, bytes]]:
    repository = f"cs826-scale-{student.id}"
    yield f"{repository}/.git/HEAD", b"ref: refs/heads/main\n"
    yield f"{repository}/README.md", b"# Exercise\n"
    for name, content in files.items():
        yield f"{repository}/{name}", content


def folders(student: Student, files: Files) -> Iterator[tuple[str, bytes]]:
    for name, content in files.items():
        yield f"submissions/{student.id}/{name}", content


Form = Callable[[Student, Files], Iterator[tuple[str, bytes]]]
FORMS: dict[str, Form] = {
    "moodle": moodle, "canvas": canvas, "blackboard": blackboard, "gradescope": gradescope,
    "nbgrader": nbgrader, "github": clones, "folders": folders,
}  # fmt: skip
PEOPLE = {"moodle": moodle_people, "canvas": canvas_people, "blackboard": blackboard_people}


def handed_in(kind: str, students: Iterable[Student], files: Callable[[Student], Files]) -> Files:
    """Return everything that the platform's archive holds."""
    students = list(students)
    made = {path: c for s in students for path, c in FORMS[kind](s, files(s))}
    if kind == "gradescope":
        made["assignment_7_export/submission_metadata.yml"] = gradescope_metadata(students)
    return made


def written(folder: Path, kind: str, files: Files) -> Path:
    """Write it as the platform delivers it: an archive, or a folder."""
    if kind in ("nbgrader", "github"):
        return spread(folder / kind, files)
    return archive(folder / f"{kind}.zip", files)


def people(folder: Path, kind: str, students: Iterable[Student]) -> Path | None:
    """Write the platform's own list of people where it is needed."""
    if kind not in PEOPLE:
        return None
    coding = "utf-16" if kind == "blackboard" else "utf-8-sig"
    path = folder / f"{kind}_people.csv"
    path.write_text(PEOPLE[kind](students), encoding=coding)
    return path


def _csv(rows: Iterable[Iterable[str]], delimiter: str = ",") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue()
