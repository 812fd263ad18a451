"""From each platform's archive to one folder per student, and back in the platform's own form."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from cs826tl_grader.marking.marks import Mark
from cs826tl_grader.platforms.intake import Received, receive, write_returns
from tests.grader.platforms import golden
from tests.grader.platforms.golden import FORMS, Student
from tests.grader.submissions import EXERCISE

SIZE = 300
NOTEBOOK = f"{EXERCISE}.ipynb"
KINDS = list(FORMS)
# What the platforms' own importers take, written here a second time from their sources.
TAKEN = {
    "moodle": re.compile(r"[^_/]+_(?P<id>\d+)_assignsubmission_file_[^/]+\.html"),
    "canvas": re.compile(r"[a-z0-9]+(?:_LATE)?_(?P<id>\d+)_9000000_[^/]+\.html"),
    "blackboard": re.compile(r"u(?P<id>\d+)/[^/]+\.html"),
    "gradescope": re.compile(r"submission_(?P<id>\d+)/s\d+/[^/]+\.html"),
    "nbgrader": re.compile(r"feedback/s(?P<number>\d+)/01_scale/[^/]+\.html"),
    "github": re.compile(r"cs826-scale-s(?P<number>\d+)/feedback/[^/]+\.html"),
    "folders": re.compile(r"s(?P<number>\d+)/[^/]+\.html"),
}


def own(student: Student) -> dict[str, bytes]:
    return {NOTEBOOK: f'{{"of": "{student.id}"}}'.encode()}


def received(folder: Path, kind: str, files: golden.Files, students: list[Student]) -> Received:
    (folder / "roster.csv").write_text(golden.roster(students))
    what = golden.written(folder, kind, files)
    listed = golden.people(folder, kind, students)
    return receive(what, folder / "work", folder / "roster.csv", listed)


def status(found: Received) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}
    for row in found.rows:
        rows.setdefault(row.status, []).append(row.student)
    return rows


@pytest.mark.parametrize("kind", KINDS)
def test_three_hundred_arrive_each_with_its_own_notebook(tmp_path: Path, kind: str) -> None:
    students = golden.class_of(SIZE)
    found = received(tmp_path, kind, golden.handed_in(kind, students, own), students)
    assert found.platform.kind == kind
    assert status(found) == {"received": [student.id for student in students]}
    for student in students:
        notebook = tmp_path / "work" / student.id / NOTEBOOK
        assert json.loads(notebook.read_text()) == {"of": student.id}
    named = {row.student for row in found.rows if "the same name" in row.reason}
    shared = {s.id for s in students if s.number % 10 in (8, 9)}
    assert named == (shared if kind in ("moodle", "canvas", "blackboard", "gradescope") else set())
    if kind == "canvas":
        late = {row.student for row in found.rows if row.late}
        assert late == {student.id for student in students if student.number % 5 == 0}


@pytest.mark.parametrize("kind", KINDS)
def test_feedback_goes_back_in_the_form_that_the_platform_takes(tmp_path: Path, kind: str) -> None:
    students = golden.class_of(SIZE)
    found = received(tmp_path, kind, golden.handed_in(kind, students, own), students)
    marks = {(s.id, EXERCISE): [Mark("scale", 3.0, 3.0, "graded", "=right")] for s in students}
    for student in students:
        place = tmp_path / "report" / "feedback" / student.id / f"{EXERCISE}.html"
        place.parent.mkdir(parents=True)
        place.write_text(f"<p>{student.id}</p>")
    place = write_returns(found, marks, tmp_path / "report")
    assert place == tmp_path / "report" / "returns" / f"{kind}.zip"
    with zipfile.ZipFile(place) as zipped:
        pages = {name: zipped.read(name).decode() for name in zipped.namelist()}
    html = {name: page for name, page in pages.items() if name.endswith(".html")}
    assert len(html) == SIZE
    for name, page in html.items():
        groups = TAKEN[kind].fullmatch(name).groupdict()  # type: ignore[union-attr]
        number = int(groups.get("number") or (int(groups["id"]) - 40_000) // 7)
        assert page == f"<p>{Student(number).id}</p>"
    other = {name: page for name, page in pages.items() if name not in html}
    check = {"blackboard": blackboards_table, "gradescope": gradescopes_results,
             "nbgrader": nbgraders_secrets}.get(kind, lambda rest: not rest)  # fmt: skip
    assert check(other)


def blackboards_table(rest: dict[str, str]) -> bool:
    (table,) = rest.values()
    rows = list(csv.DictReader(io.StringIO(table)))
    columns = ["Username", EXERCISE, "Feedback to Learner", "Feedback Format"]
    assert list(rows[0]) == columns
    assert rows[0][EXERCISE] == "3"
    return len(rows) == SIZE


def gradescopes_results(rest: dict[str, str]) -> bool:
    for name, text in rest.items():
        assert name.endswith("/results.json")
        (test,) = json.loads(text)["tests"]
        assert {type(test[key]) for key in ("score", "max_score")} == {float}
        assert test["visibility"] == "visible"
    return len(rest) == SIZE


def nbgraders_secrets(rest: dict[str, str]) -> bool:
    secrets = [text for name, text in rest.items() if name.endswith("/submission_secret.txt")]
    stamps = [text for name, text in rest.items() if name.endswith("/timestamp.txt")]
    return secrets == ["ab" * 64] * SIZE and stamps == ["2026-11-02 10:15:03.5 UTC"] * SIZE
