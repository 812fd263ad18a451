"""Tables as spreadsheets save them: every reader sees the same students in the same roster."""

import re
from pathlib import Path

import pytest

from cs826tl_grader.commands import run_release
from cs826tl_grader.plain.tables import read_roster, read_table
from cs826tl_grader.platforms.people import read_people
from tests.grader.submissions import COURSE

PLAIN = "Name,Student,EMail,Moodle\nÖz,s1,a@b,17\nGrace,s2,g@b,18\n"
SAVED = {
    "commas": PLAIN.encode(),
    "a mark at the start": PLAIN.encode("utf-8-sig"),
    "semicolons": PLAIN.replace(",", ";").encode(),
    "tabs in UTF-16": PLAIN.replace(",", "\t").encode("utf-16"),
    "a German Excel": PLAIN.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig"),
    "names with commas": PLAIN.replace(",", ";").replace("Öz", '"Öz, Ada; Lady"').encode(),
    "a title with commas": PLAIN.replace(",", ";").replace("Name", '"Name, Title, A."').encode(),
    "every cell in quotes": re.sub(r"[^,\n]+", r'"\g<0>"', PLAIN).encode(),
    "capitals and blanks": PLAIN.replace("Student", " STUDENT ").replace(",", " , ").encode(),
    "empty rows": ("\n" + PLAIN + ",,,\n\n").encode(),
}


@pytest.mark.parametrize("how", SAVED)
def test_however_a_roster_is_saved_release_and_platforms_see_the_same_students(
    tmp_path: Path, how: str
) -> None:
    from cs826tl.cli import _parser

    roster, key = tmp_path / "roster.csv", tmp_path / "course.key"
    roster.write_bytes(SAVED[how])
    key.write_bytes(b"0123456789abcdef")
    people = read_people(roster, "moodle")
    assert people.students == ("s1", "s2")
    assert people.there("17") == people.whose(["S1"]) == {"s1"}
    words = ["release", "--out", tmp_path / "out", "--roster", roster, "--key-file", key]
    assert run_release(_parser().parse_args([*map(str, words)]), COURSE) == 0
    assert {place.name for place in (tmp_path / "out").iterdir()} == {"s1", "s2"}


def test_a_roster_without_a_header_is_its_first_column(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("ada;1\ngrace;2\n\n")
    assert [row["student"] for row in read_roster(tmp_path / "r.csv")] == ["ada", "grace"]
    (tmp_path / "r.csv").write_text("Matrikel;Email\n17;a@b\n")
    assert read_roster(tmp_path / "r.csv") == [{"student": "17", "email": "a@b"}]


@pytest.mark.parametrize("text", ["ada\nada\n", "student;email\nada;a@b\n ada ;a@c\n"])
def test_an_id_that_is_there_twice_is_refused_by_both(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.csv").write_text(text)
    for read in (read_roster, lambda path: read_people(path, "moodle")):
        with pytest.raises(ValueError, match="twice: ada"):
            read(tmp_path / "r.csv")


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_bytes("student;name\ns1;Öz\n".encode("cp1252"))
    with pytest.raises(ValueError, match="CSV UTF-8"):
        read_table(tmp_path / "r.csv")
    (tmp_path / "r.csv").write_text("\n;;\n")
    with pytest.raises(ValueError, match="is empty"):
        read_table(tmp_path / "r.csv")
