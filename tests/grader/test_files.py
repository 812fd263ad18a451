"""What is handed in need not be a notebook, nor come under a sane name: all get a verdict."""

import csv
import errno
import io
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.exercise.variants import variant_of
from cs826tl_grader.marking.cohort import Cohort
from cs826tl_grader.marking.handed_in import find_notebook, students_and_refused
from cs826tl_grader.plain.writing import safe_cell, safe_name, write_csv, write_text
from cs826tl_grader.report.tables import write_report
from cs826tl_grader.sandbox.backends import NoSandbox, backend
from tests.grader.submissions import (
    ANSWER,
    COURSE,
    EXERCISE,
    grade_all,
    hand_in,
    notebook as submission,
)

STATUSES = {"graded", "missing", "timeout", "crashed", "tampered", "needs-review"}


def a_link(place: Path, good: Path) -> None:
    place.symlink_to(good)


def a_link_to_the_rubric(place: Path, good: Path) -> None:
    place.symlink_to(COURSE / f"{EXERCISE}.py")


def a_link_to_nothing(place: Path, good: Path) -> None:
    place.symlink_to("nothing")


def a_link_in_a_circle(place: Path, good: Path) -> None:
    place.symlink_to(place)


def a_linked_folder(place: Path, good: Path) -> None:
    place.parent.rmdir()
    place.parent.symlink_to(good.parent)


def a_hard_link_to_the_rubric(place: Path, good: Path) -> None:
    try:
        place.hardlink_to(COURSE / f"{EXERCISE}.py")
    except OSError as problem:
        if problem.errno != errno.EXDEV:
            raise
        place.write_bytes((COURSE / f"{EXERCISE}.py").read_bytes())


def a_name_without_a_coding(place: Path, good: Path) -> None:
    place.with_name(os.fsdecode(b"01_scale\xff.ipynb")).symlink_to(good)


def a_link_to_a_name_without_a_coding(place: Path, good: Path) -> None:
    place.symlink_to(os.fsdecode(b"\xff\xfe"))


def a_file_of_another_name(place: Path, good: Path) -> None:
    place.with_name("homework.ipynb").write_bytes(good.read_bytes())


def two_files_that_differ(place: Path, good: Path) -> None:
    for number in "12":
        place.with_name(f"{EXERCISE} ({number}).ipynb").write_bytes(
            good.read_bytes() + b" " * ord(number)
        )


def a_pipe(place: Path, good: Path) -> None:
    os.mkfifo(place)


def a_socket(place: Path, good: Path) -> None:
    here = os.getcwd()
    os.chdir(place.parent)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(place.name)
    os.chdir(here)


def a_folder(place: Path, good: Path) -> None:
    place.mkdir()


def a_huge_file(place: Path, good: Path) -> None:
    with place.open("wb") as stream:
        stream.truncate(500 * 2**20)


def an_empty_file(place: Path, good: Path) -> None:
    place.touch()


def no_json(place: Path, good: Path) -> None:
    place.write_bytes(b"\x89PNG\r\n\x1a\n" * 1000)


def nested_json(place: Path, good: Path) -> None:
    place.write_text('{"cells": ' + "[" * 10_000 + "]" * 10_000 + "}")


def a_huge_integer(place: Path, good: Path) -> None:
    place.write_text('{"cells": ' + "9" * 1_000_000 + "}")


def numbers_in_place_of_cells(place: Path, good: Path) -> None:
    place.write_text('{"cells": [NaN, Infinity, -1e999, null, true, "x", [], {"source": {}}]}')


def half_characters(place: Path, good: Path) -> None:
    cells = [{"cell_type": "code", "source": "def scale(x, factor):\n    return '\ud800'\n"}]
    place.write_text(json.dumps({"cells": cells}))


def zero_bytes(place: Path, good: Path) -> None:
    cells = [{"cell_type": "code", "source": "def scale(x, factor):\n    return 0\0\n"}]
    place.write_text(json.dumps({"cells": cells}))


def escapes_for_the_terminal(place: Path, good: Path) -> None:
    text = "<!-- answer: why -->\n\x1b[2J=cmd|calc<script>alert(1)</script>\u202e"
    place.write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": text}]}))


def twenty_megabytes_of_brackets(place: Path, good: Path) -> None:
    place.write_text('{"cells": [' + "[]," * 6_000_000 + "[]]}")


def a_cell_of_megabytes(place: Path, good: Path) -> None:
    cells = [{"cell_type": "code", "source": "x = 0\n" * 2_500_000}]
    place.write_text(json.dumps({"cells": cells}))


FORMS: list[Callable[[Path, Path], None]] = [
    a_link, a_link_to_the_rubric, a_link_to_nothing, a_link_in_a_circle, a_linked_folder,
    a_hard_link_to_the_rubric, a_name_without_a_coding, a_link_to_a_name_without_a_coding,
    a_file_of_another_name, two_files_that_differ, a_pipe, a_socket, a_folder, a_huge_file,
    an_empty_file, no_json, nested_json, a_huge_integer, numbers_in_place_of_cells,
    half_characters, zero_bytes,
    escapes_for_the_terminal, twenty_megabytes_of_brackets, a_cell_of_megabytes,
]  # fmt: skip
NAMES = [  # as a folder may be called on Linux
    "a..b", "..ada", ".ada", "ada;=1+1", "ada\t=1+1", "...", "-rf", "=cmd|calc",
    "a\nb", "a\x1b[2Jb", "'=1", "ada ", "Ada", "ada",
    "ada\u200b", "x" * 255, "ü" * 127, "a\\b", '"><script>', "\u202eada", os.fsdecode(b"\xff"),
    os.fsdecode(b"\xfe"), "%s{0}", "CON", "*", os.fsdecode(b"\xffada;=1"),
]  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    try:
        how = backend()
    except NoSandbox as problem:
        pytest.skip(str(problem))
    folder = tmp_path_factory.mktemp("files")
    good = hand_in(folder / "in", "good", submission([ANSWER]))
    for form in FORMS:
        place = folder / "in" / form.__name__ / good.name
        place.parent.mkdir()
        form(place, good)
    for name in NAMES:
        hand_in(folder / "in", name, submission([ANSWER]))
    (folder / "in" / "link to nobody").symlink_to(os.fsdecode(b"\xff\xfe"))
    return folder, grade_all(folder, how, timeout=6.0)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_whatever_the_file_is_it_gets_a_verdict(
    graded: tuple[Path, dict], form: Callable[[Path, Path], None]
) -> None:
    row = graded[1][form.__name__, "scale"]
    assert float(row["points"]) == 0
    assert row["status"] in STATUSES
    assert row["reason"]


@pytest.mark.slow
def test_the_good_one_among_them_keeps_its_marks(graded: tuple[Path, dict]) -> None:
    assert graded[1]["good", "scale"]["points"] == "3"


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_whatever_the_name_is_its_marks_are_its_own(graded: tuple[Path, dict], name: str) -> None:
    folder, rows = graded
    assert rows[safe_cell(name), "scale"]["points"] == "3"
    page = folder / "out" / "feedback" / safe_name(name) / f"{EXERCISE}.html"
    text = page.read_text()
    assert "<script" not in text
    assert "\x1b" not in text
    assert page.resolve().is_relative_to((folder / "out" / "feedback").resolve())


@pytest.mark.slow
def test_the_reason_names_what_was_handed_in(graded: tuple[Path, dict]) -> None:
    row = graded[1]["a_file_of_another_name", "scale"]
    assert (row["status"], row["reason"]) == (
        "missing",
        f"there is no {EXERCISE}.ipynb; handed in were homework.ipynb",
    )
    row = graded[1]["two_files_that_differ", "scale"]
    assert row["status"] == "needs-review"
    assert f"{EXERCISE} (1).ipynb, {EXERCISE} (2).ipynb" in row["reason"]


@pytest.mark.slow
def test_a_link_in_place_of_a_student_gets_a_row(graded: tuple[Path, dict]) -> None:
    assert graded[1]["link to nobody", "scale"]["status"] == "tampered"


@pytest.mark.slow
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_nothing_in_the_report_runs(graded: tuple[Path, dict], delimiter: str) -> None:
    report = graded[0] / "out"
    for page in report.rglob("*.html"):
        assert "<script" not in page.read_text()
    for table in report.rglob("*.csv"):
        assert not formulas(table.read_text(), delimiter)
        assert "\x1b" not in table.read_text()


def formulas(text: str, delimiter: str) -> list[str]:
    """Return the cells that a spreadsheet which splits at the delimiter takes for formulas."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [cell for row in rows for cell in row if cell.lstrip(' "')[:1] in tuple("=+-@")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@given(rows=st.lists(st.lists(st.text("=+-@;\t\n,'\" a1", max_size=8), min_size=3, max_size=3)))
def test_no_table_holds_a_formula_however_it_is_split(
    rows: list[list[str]], delimiter: str
) -> None:
    place = Path(os.environ.get("TMPDIR", "/tmp")) / f"formulas-{os.getpid()}.csv"
    write_csv(place, ("=a", "b", "c"), rows)
    text = place.read_text("utf-8")
    place.unlink()
    assert not formulas(text, delimiter)


def test_every_entry_of_the_folder_is_a_student_or_named(tmp_path: Path) -> None:
    for name in ("ada", "..ada", ".ada", "__MACOSX", os.fsdecode(b"\xff")):
        (tmp_path / name).mkdir()
    for name in ("loose.ipynb", ".DS_Store", os.fsdecode(b"\xfe.zip")):
        (tmp_path / name).touch()
    (tmp_path / "link").symlink_to("nowhere")
    students, refused = students_and_refused(tmp_path)
    assert sorted(students) == ["..ada", ".ada", "ada", "link", os.fsdecode(b"\xff")]
    assert set(refused) == {"__MACOSX", "loose.ipynb", ".DS_Store", os.fsdecode(b"\xfe.zip")}
    assert "named after its student" in refused["loose.ipynb"]
    write_report({}, tmp_path / "out", refused=refused)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "loose.ipynb" in page
    assert "\\udcfe.zip" in page


@pytest.mark.parametrize(
    "name",
    [
        "01_SCALE.IPYNB", " 01_scale.ipynb", "01_scale.ipynb ", "01_scale .ipynb",
        "01 scale.ipynb", "01-scale.ipynb", "01_scale.ipynb.txt", "01_scale.ipynb.json",
        "01_scale (1).ipynb", "Copy of 01_scale.ipynb", "01_scale-ada.ipynb",
        f"homework/{EXERCISE}.ipynb", "homework/01_Scale.ipynb.txt",
    ],
)  # fmt: skip
def test_a_notebook_is_found_under_a_name_like_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("its content")
    found = find_notebook(tmp_path, EXERCISE)
    assert found.content == b"its content"
    assert "the name should be 01_scale.ipynb" in found.note


def test_the_right_name_counts_before_others(tmp_path: Path) -> None:
    for name in ("01_scale.ipynb", "01_scale (1).ipynb", "01_SCALE.IPYNB"):
        (tmp_path / name).write_text(name)
    found = find_notebook(tmp_path, EXERCISE)
    assert (found.content, found.status) == (b"01_scale.ipynb", "needs-review")
    assert "beside it lies 01_SCALE.IPYNB, 01_scale (1).ipynb" in found.note


def test_the_same_file_twice_is_one_answer_and_two_that_differ_are_rivals(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"01_scale ({number}).ipynb").write_text("{}")
    assert find_notebook(tmp_path, EXERCISE).content == b"{}"
    (tmp_path / "01_scale (2).ipynb").write_text('{"cells": []}')
    assert find_notebook(tmp_path, EXERCISE).status == "needs-review"


ids = st.text(max_size=300) | st.text("./\\ \0\n\t;'\"=\ud800", max_size=8)


@given(ids)
def test_no_id_leaves_its_folder(student: str) -> None:
    name = safe_name(student)
    assert name not in ("", ".", "..")
    assert not set(name) & set("/\\\0\n")
    assert ".." not in name
    assert len(os.fsencode(name.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))) <= 255


@pytest.mark.parametrize("student", ["x" * 255, "ä" * 127])
def test_a_long_id_has_a_page_too(tmp_path: Path, student: str) -> None:
    write_text(tmp_path / f"{safe_name(student)}.html", "page")
    assert len(list(tmp_path.iterdir())) == 1


@given(ids, ids)
def test_no_two_ids_share_a_folder_or_a_row(one: str, two: str) -> None:
    if one != two:
        assert safe_name(one) != safe_name(two)
        cells = safe_cell(one), safe_cell(two)
        assert cells[0] != cells[1] or "\\" in one + two  # which spells out what cannot be seen


@given(ids)
def test_every_id_has_a_variant_and_is_written_down(student: str) -> None:
    exercise = Exercise(COURSE / f"{EXERCISE}.ipynb")
    assert variant_of(exercise.rubric, student, b"0123456789abcdef")


@given(st.lists(st.lists(st.text(max_size=10), min_size=2, max_size=2), max_size=5))
def test_a_table_comes_back_cell_by_cell(rows: list[list[str]]) -> None:
    place = Path(os.environ.get("TMPDIR", "/tmp")) / f"table-{os.getpid()}.csv"
    write_csv(place, ("a", "b"), rows)
    with place.open(newline="", encoding="utf-8") as stream:
        back = list(csv.reader(stream))[1:]
    place.unlink()
    assert back == [[safe_cell(cell) for cell in row] for row in rows]


def test_an_id_that_is_a_path_has_no_submission(tmp_path: Path) -> None:
    hand_in(tmp_path / "in", "ada", submission([ANSWER]))
    cohort = Cohort(tmp_path / "in" / "ada", tmp_path / "out", ())
    for student in ("..", "../ada", ".", "", "/etc", "a\0b", "x" * 400):
        assert cohort.submission(student, EXERCISE).status == "missing"
