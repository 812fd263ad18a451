"""Late, twice, missing, another's name, a zip in a zip: each has its row and its reason."""

import csv
import io
import json
import os
import pwd
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from cs826tl_grader.marking.handed_in import find_notebook
from cs826tl_grader.platforms.arrivals import Arrival
from cs826tl_grader.platforms.blackboard import Blackboard
from cs826tl_grader.platforms.canvas import Canvas
from cs826tl_grader.platforms.clones import Clones
from cs826tl_grader.platforms.gradescope import LIST, Gradescope
from cs826tl_grader.platforms.intake import Received, Row, collect, platform_of, receive
from cs826tl_grader.platforms.moodle import Moodle
from cs826tl_grader.platforms.nbgrader import NBGrader
from cs826tl_grader.platforms.people import read_people
from cs826tl_grader.platforms.reading import CannotRead, Entry
from tests.grader.platforms import golden
from tests.grader.platforms.golden import Student
from tests.grader.submissions import ANSWER, EXERCISE, grades, notebook
from tests.grader.test_grading import command, sandboxed  # noqa: F401

NOTEBOOK = f"{EXERCISE}.ipynb"
ADA, GRACE, ALAN = golden.class_of(3)


def entry(path: str, content: bytes = b"", *owners: int) -> Entry:
    return Entry(path, lambda: io.BytesIO(content), owners=frozenset(owners))


def inside(files: golden.Files) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zipped:
        for name, content in files.items():
            zipped.writestr(name, content)
    return stream.getvalue()


def arrived(folder: Path, kind: str, *handed_in: tuple[Student, golden.Files]) -> Received:
    """Receive what some of a class of three handed in."""
    (folder / "roster.csv").write_text(golden.roster([ADA, GRACE, ALAN]))
    files = {path: c for student, f in handed_in for path, c in golden.FORMS[kind](student, f)}
    what = golden.written(folder, kind, files)
    listed = golden.people(folder, kind, [ADA, GRACE, ALAN])
    return receive(what, folder / "work", folder / "roster.csv", listed)


def row_of(found: Received, student: Student, status: str = "received") -> Row:
    (row,) = (row for row in found.rows if (row.student, row.status) == (student.id, status))
    return row


def test_a_student_of_whom_nothing_came_has_a_row(tmp_path: Path) -> None:
    found = arrived(tmp_path, "moodle", (ADA, {NOTEBOOK: b"{}"}), (GRACE, {NOTEBOOK: b"{}"}))
    assert row_of(found, ALAN, "missing").reason == "nothing arrived"


def test_an_entry_on_which_a_platform_fails_is_named_and_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Moodle.arrival

    def failing(self: Moodle, name: str, files: list[Entry]) -> Arrival:
        return whole(self, name, files if str(ADA.there) not in name else None)  # type: ignore[arg-type]

    monkeypatch.setattr(Moodle, "arrival", failing)
    found = arrived(tmp_path, "moodle", (ADA, {NOTEBOOK: b"{}"}), (GRACE, {NOTEBOOK: b"{}"}))
    assert list(found.counted) == [GRACE.id]
    assert "cannot be read: TypeError" in found.rows[0].reason


def test_what_is_no_notebook_is_named(tmp_path: Path) -> None:
    found = arrived(tmp_path, "moodle", (ADA, {"homework.pdf": b"%PDF" * 1000}))
    folder = found.folder / ADA.id
    assert find_notebook(folder, EXERCISE).note.endswith("handed in were homework.pdf")
    assert (folder / "homework.pdf").stat().st_size == 0


@pytest.mark.parametrize("depth", [1, 2])
def test_a_notebook_within_a_zip_within_the_zip_is_found(tmp_path: Path, depth: int) -> None:
    packed = {f"work/{NOTEBOOK}": b'{"a": 1}'}
    for _ in range(depth):
        packed = {"mine.zip": inside(packed)}
    found = arrived(tmp_path, "moodle", (ADA, packed))
    assert find_notebook(found.folder / ADA.id, EXERCISE).content == b'{"a": 1}'


def test_the_newest_attempt_counts_and_the_others_are_named(tmp_path: Path) -> None:
    for kind, old, new in (("blackboard", "01-10-15-03", "03-10-15-03"),
                           ("nbgrader", "01 10:15:03.5", "03 10:15:03.5")):  # fmt: skip
        (tmp_path / kind).mkdir()
        make = golden.FORMS[kind]
        files = dict(make(ADA, {NOTEBOOK: b"old"}, old)) | dict(make(ADA, {NOTEBOOK: b"new"}, new))  # type: ignore[call-arg]
        what = golden.written(tmp_path / kind, kind, files)
        found = receive(what, tmp_path / kind / "work", None, None)
        (student,) = found.counted
        assert (found.folder / student / NOTEBOOK).read_bytes() == b"new"
        (older,) = (row for row in found.rows if row.status == "older")
        assert new in older.reason
        assert old in older.attempt


def test_canvas_numbers_a_name_that_was_there_before() -> None:
    names = [f"01_scale{again}.ipynb" for again in ("", "-2", "-10")]
    entries = [entry(f"adal_LATE_40007_{k}_{n}", n.encode()) for k, n in enumerate(names, 5)]
    (one,) = Canvas().arrivals([*entries, entry("adal_LATE_40007_9_part-2.pdf")])
    read = {file.path: file.read(99) for file in one.files}
    assert read == {NOTEBOOK: b"01_scale-10.ipynb", "part-2.pdf": b""}
    assert "01_scale-2.ipynb, 01_scale.ipynb" in one.note


def test_names_never_match(tmp_path: Path) -> None:
    """Only ids and addresses do, because two students may share a name."""
    roster = f"student,name,full name\nada,{ADA.name},{ADA.name}_{ADA.there}\n"
    (tmp_path / "roster.csv").write_text(roster)
    files = dict(golden.moodle(ADA, {NOTEBOOK: b"{}"}))
    what = golden.archive(tmp_path / "m.zip", files)
    found = receive(what, tmp_path / "work", tmp_path / "roster.csv", None)
    assert [row.status for row in found.rows] == ["unmatched", "missing"]
    assert "Download grading worksheet" in found.rows[0].reason
    assert list(found.folder.iterdir()) == []
    (tmp_path / "roster.csv").write_text(f"student,moodle\nada,{ADA.there}\n")
    found = receive(what, tmp_path / "work", tmp_path / "roster.csv", None)
    assert list(found.counted) == ["ada"]


def test_a_platforms_number_is_not_taken_for_a_students_id(tmp_path: Path) -> None:
    """Participant 40007 and the student whose id is 40007 are two people."""
    (tmp_path / "roster.csv").write_text(f"student\n{ADA.there}\n")
    for kind in ("moodle", "canvas"):
        files = dict(golden.FORMS[kind](ADA, {NOTEBOOK: b"{}"}))
        what = golden.archive(tmp_path / f"{kind}.zip", files)
        found = receive(what, tmp_path / "work", tmp_path / "roster.csv", None)
        assert not found.counted


def test_a_list_that_names_two_students_for_one_id_settles_nothing(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text(golden.roster([ADA, GRACE]))
    rows = [f"Participant {ADA.there},{ADA.email},{GRACE.id}"]
    (tmp_path / "list.csv").write_text("\n".join(["Identifier,Email,ID", *rows]))
    what = golden.archive(tmp_path / "m.zip", dict(golden.moodle(ADA, {NOTEBOOK: b"{}"})))
    found = receive(what, tmp_path / "work", tmp_path / "roster.csv", tmp_path / "list.csv")
    assert found.rows[0].reason == f"it belongs to {ADA.id} and to {GRACE.id}"


def test_a_mark_in_the_list_is_nobodys_id(tmp_path: Path) -> None:
    """Where ids are small numbers, a column of marks must not be taken for one of ids."""
    (tmp_path / "roster.csv").write_text("student,email\n1,ada@b\n2,grace@b\n3,alan@b\n")
    mails = {ADA: "ada@b", GRACE: "grace@b", ALAN: "alan@b"}
    rows = [f"Participant {student.there},{mail},2" for student, mail in mails.items()]
    (tmp_path / "list.csv").write_text("\n".join(["Identifier,Email,Grade", *rows]))
    files = {p: c for s in (ADA, GRACE, ALAN) for p, c in golden.moodle(s, {NOTEBOOK: b"{}"})}
    what = golden.archive(tmp_path / "m.zip", files)
    found = receive(what, tmp_path / "work", tmp_path / "roster.csv", tmp_path / "list.csv")
    assert {row.student: row.status for row in found.rows} == dict.fromkeys("123", "received")


def test_a_list_of_another_course_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("Identifier,Email\nParticipant 1,else@where\n")
    (tmp_path / "roster.csv").write_text(golden.roster([ADA]))
    what = golden.archive(tmp_path / "m.zip", dict(golden.moodle(ADA, {NOTEBOOK: b"{}"})))
    with pytest.raises(ValueError, match="its columns are Identifier, Email"):
        receive(what, tmp_path / "work", tmp_path / "roster.csv", tmp_path / "list.csv")


def test_two_students_with_one_id_are_refused(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("student,email\nada,A@b\ngrace,a@b\n")
    with pytest.raises(ValueError, match="a@b belongs to ada and to grace"):
        read_people(tmp_path / "roster.csv", "moodle")


def test_two_entries_of_one_student_without_a_date_are_left_to_the_lecturer(tmp_path: Path) -> None:
    files = {f"x/ada/{NOTEBOOK}": b"1", f"x/ada@b/{NOTEBOOK}": b"2"}
    (tmp_path / "roster.csv").write_text("student,email\nada,ada@b\n")
    what = golden.archive(tmp_path / "f.zip", files)
    found = receive(what, tmp_path / "work", tmp_path / "roster.csv", None)
    assert [row.status for row in found.rows] == ["unmatched", "unmatched"]
    assert "nothing says which is the newest" in found.rows[0].reason


def test_a_loose_notebook_is_named(tmp_path: Path) -> None:
    files = {**dict(golden.moodle(ADA, {NOTEBOOK: b"{}"})), "loose.ipynb": b"{}"}
    found = receive(golden.archive(tmp_path / "m.zip", files), tmp_path / "work", None, None)
    first = found.rows[0]
    assert (first.entry, first.status) == ("loose.ipynb", "unmatched")


def test_a_groups_one_submission_counts_for_each_of_them() -> None:
    members = "".join(f"  - :sid: {s.id}\n    :email: {s.email}\n" for s in (ADA, GRACE))
    text = f"submission_1:\n  :submitters:\n{members}submission_2:\n  :submitters: []\n"
    found = Gradescope().arrivals([entry(LIST, text.encode()), entry(f"submission_1/{NOTEBOOK}")])
    assert [(one.ids, len(one.files)) for one in found] == [
        ((ADA.id, ADA.email), 1),
        ((GRACE.id, GRACE.email), 1),
    ]


def test_gradescopes_list_keeps_zeros_and_builds_no_objects() -> None:
    listed = entry(LIST, b"submission_1:\n  :submitters:\n  - :sid: 0017\n")
    assert Gradescope().arrivals([listed])[0].ids == ("0017",)
    harmful = entry(LIST, b"!!python/object/apply:os.system ['false']")
    assert Gradescope().arrivals([harmful]) == []
    with pytest.raises(CannotRead, match="cannot be read"):
        Gradescope().arrivals([entry(LIST, b"a: [")])


def test_on_blackboard_the_text_names_the_student_not_a_file() -> None:
    start = "My_exercise_a_b_attempt_2026-11-02-10-15-03"
    forged = f"{start}_x_grace_attempt_2027-01-01-00-00-00_{NOTEBOOK}"
    text = entry(f"{start}.txt", b"Name: Ada (of old) (a_b)\nName: Grace (grace)\n")
    (one,) = Blackboard().arrivals([text, entry(forged)])
    assert (one.ids, one.name, one.attempt) == (("a_b",), "Ada (of old)", "2026-11-02-10-15-03")
    (one,) = Blackboard().arrivals([entry(forged)])
    assert one.there == ""
    assert "is missing" in one.note
    (one,) = Blackboard().arrivals([entry(f"{start}.txt", b"Name: G (grace)"), entry(forged)])
    assert one.there == ""


def test_clones_are_told_apart_by_what_their_names_do_not_share() -> None:
    names = ["hw-1-ann-lee", "hw-1-lee", "hw-1-li"]
    entries = [entry(f"{name}/{file}") for name in names for file in (".git", NOTEBOOK)]
    found = Clones().arrivals([*entries, entry("scores.csv"), entry("notes/x.txt")])
    assert [one.there for one in found] == ["ann-lee", "lee", "li"]
    (alone,) = Clones().arrivals(entries[:2])
    assert alone.there == "hw-1-ann-lee"


def test_on_the_exchange_nobody_hands_in_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {1001: "ada", 1002: "grace"}
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: SimpleNamespace(pw_name=names[uid]))
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    for name in (NOTEBOOK, "timestamp.txt"):  # with nothing else it would count as the newest
        path = f"ada+01+2026-11-02 10:15:03.5 UTC+aB-_=/{name}"
        for owners, user in (((1001,), "ada"), ((1000,), "ada"), ((0,), "ada"), ((0, 1002), "")):
            (one,) = NBGrader().arrivals([entry(path, b"", *owners)])
            assert one.there == user
        assert "the user grace" in one.note


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand in as somebody else")
def test_an_empty_attempt_made_by_another_user_displaces_nothing(tmp_path: Path) -> None:
    daemon, nobody = (pwd.getpwnam(name) for name in ("daemon", "nobody"))
    old = tmp_path / "inbound" / f"{daemon.pw_name}+01_scale+2026-11-02 10:15:03.5 UTC"
    new = tmp_path / "inbound" / f"{daemon.pw_name}+01_scale+2026-11-03 10:15:03.5 UTC"
    for place, user, file in ((old, daemon, NOTEBOOK), (new, nobody, "timestamp.txt")):
        place.mkdir(parents=True)
        (place / file).write_text("")
        os.chown(place, user.pw_uid, -1)
    (old / NOTEBOOK).write_text("own")  # root's, as is a file that was copied: the folders tell
    found = receive(tmp_path / "inbound", tmp_path / "work", None, None)
    assert [(row.status, row.entry) for row in found.rows] == [
        ("unmatched", new.name), ("received", old.name)
    ]  # fmt: skip
    assert (found.folder / daemon.pw_name / NOTEBOOK).read_text() == "own"


def test_a_home_that_is_a_link_is_not_walked(tmp_path: Path) -> None:
    """What lies behind it, perhaps a whole file system, is not even listed."""
    (tmp_path / "home" / "ada").mkdir(parents=True)
    (tmp_path / "home" / "quota").touch()
    (tmp_path / "secret" / "tl").mkdir(parents=True)
    (tmp_path / "secret" / "tl" / "name.txt").touch()
    for user, link, target in (
        ("eve", "tl", tmp_path / "secret" / "tl"), ("fay", "", tmp_path / "secret"),
    ):  # fmt: skip
        place = tmp_path / "home" / user / link
        place.parent.mkdir(exist_ok=True)
        place.symlink_to(target)
    found = collect(f"{tmp_path}/home/{{student}}/tl", tmp_path / "work", None)
    assert [row.student for row in found.rows] == ["eve", "fay"]
    for row in found.rows:
        assert "without following a link" in row.reason
        assert list((tmp_path / "work" / row.student).iterdir()) == []


def test_homes_are_collected_and_links_are_not_followed(tmp_path: Path) -> None:
    homes, inner = tmp_path / "home", Path("cs826tl/exercises")
    for user in ("ada", "grace"):
        place = homes / f"jupyter-{user}" / inner
        place.mkdir(parents=True)
        (place / NOTEBOOK).write_text(user)
    (homes / "jupyter-thief" / "cs826tl").mkdir(parents=True)
    (homes / "jupyter-thief" / inner).symlink_to(homes / "jupyter-ada" / inner)
    (homes / "jupyter-thief2" / inner).mkdir(parents=True)
    (homes / "jupyter-thief2" / inner / NOTEBOOK).symlink_to(
        homes / "jupyter-ada" / inner / NOTEBOOK
    )
    (homes / "staff").mkdir()
    (tmp_path / "roster.csv").write_text(
        "student,jupyterhub\ns1,ada\ns2,grace\ns3,thief\ns4,thief2\n"
    )
    pattern = f"{homes}/jupyter-{{student}}/{inner}"
    found = collect(pattern, tmp_path / "work", tmp_path / "roster.csv")
    assert {s: _text(tmp_path / "work" / s / NOTEBOOK) for s in ("s1", "s2", "s3", "s4")} == {
        "s1": "ada", "s2": "grace", "s3": None, "s4": None,
    }  # fmt: skip
    for student in ("s3", "s4"):
        (row,) = (row for row in found.rows if row.student == student)
        assert "cannot be opened" in row.reason
    with pytest.raises(CannotRead, match=r"must hold \{student\} once"):
        collect("/home/x", tmp_path / "work", None)
    with pytest.raises(CannotRead, match="nobody has such a folder"):
        collect(f"{homes}/{{student}}/none", tmp_path / "work", None)


def _text(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def test_a_form_that_nobody_knows_is_refused() -> None:
    with pytest.raises(CannotRead, match="no platform names files so"):
        platform_of([entry("a.ipynb"), entry("b.ipynb")])


@pytest.mark.slow
def test_from_moodles_archive_to_moodles_feedback(tmp_path: Path, sandboxed: None) -> None:  # noqa: F811
    """The whole way, as a lecturer goes it; the second run grades nothing again."""
    answers = {ADA: ANSWER, GRACE: "def scale(x, factor):\n    return 0\n"}
    (tmp_path / "roster.csv").write_text(golden.roster([ADA, GRACE, ALAN]))
    files = {
        path: content
        for student, answer in answers.items()
        for path, content in golden.moodle(
            student, {NOTEBOOK: json.dumps(notebook([answer])).encode()}
        )
    }
    stranger = Student(99)
    files |= golden.moodle(stranger, {NOTEBOOK: b"{}"})
    what = golden.archive(tmp_path / "moodle.zip", files)
    listed = golden.people(tmp_path, "moodle", [ADA, GRACE, ALAN])
    words = ("grade", what, "--out", tmp_path / "report", "--jobs", 0, "--people", listed)
    assert command(*words, "--roster", tmp_path / "roster.csv") == 0  # type: ignore[arg-type]
    rows = grades(tmp_path / "report")
    assert [rows[s.id, "scale"]["points"] for s in (ADA, GRACE, ALAN)] == ["3", "0", "0"]
    assert rows[ALAN.id, "scale"]["status"] == "missing"
    with (tmp_path / "report" / "received.csv").open(newline="") as stream:
        found = [(row["status"], row["student"]) for row in csv.DictReader(stream)]
    assert found == [
        ("unmatched", ""), ("missing", ALAN.id), ("received", ADA.id), ("received", GRACE.id),
    ]  # fmt: skip
    page = (tmp_path / "report" / "report.html").read_text()
    assert page.index(f"{stranger.name}_{stranger.there}") < page.index("Distribution")
    with zipfile.ZipFile(tmp_path / "report" / "returns" / "moodle.zip") as zipped:
        back = {name: zipped.read(name).decode() for name in zipped.namelist()}
    for student in (ADA, GRACE):
        name = f"{student.name}_{student.there}_assignsubmission_file_{EXERCISE}.html"
        assert student.id in back.pop(name)
    assert not back
    kept = tmp_path / "report" / ".marks"
    before = {p.name: p.stat().st_mtime_ns for p in kept.glob("*.json")}
    command(*words, "--roster", tmp_path / "roster.csv")  # type: ignore[arg-type]
    assert before == {p.name: p.stat().st_mtime_ns for p in kept.glob("*.json")}
