"""The same class by other ways in: Dask, Gradescope, another clock; tables in LibreOffice."""

import json
import shutil
import subprocess
import time
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import nbformat
import pytest

from cs826tl.cli import main
from cs826tl_grader.autograders import running
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.marking.cohort import Cohort, grade
from cs826tl_grader.plain.writing import csv_text
from cs826tl_grader.sandbox.backends import backend
from tests.grader.submissions import ANSWER, COURSE, EXERCISE, HERE, cells_of, hand_in, notebook
from tests.grader.test_grading import KEY, command, sandboxed  # noqa: F401
from tests.grader.test_predictions import PREDICTED, answered, hand_in as hand_in_exam

MIXED = {
    "right": [ANSWER],
    "wrong": [ANSWER.replace("+ 1", "+ 2")],
    **{
        f"{kind}_{name}": cells_of(HERE / kind / f"{name}.txt")
        for kind, name in (
            ("odd", "helper_elsewhere"), ("odd", "moved_to_the_end"), ("odd", "extra_cells"),
            ("attacks", "always_equal"), ("attacks", "exit_now"), ("attacks", "forged_marks"),
        )
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[object]]]:
    """Hand in a mixed class, and return the folder and what is said of each, graded here."""
    folder = tmp_path_factory.mktemp("mixed")
    for student, cells in MIXED.items():
        hand_in(folder / "in", student, notebook(cells))
    return folder, said(folder, None)


def said(folder: Path, cluster: str | None) -> dict[str, list[object]]:
    exercise = Exercise(COURSE / f"{EXERCISE}.ipynb")
    out = folder / ("dask" if cluster else "here")
    marks = grade(Cohort(folder / "in", out, (exercise,), how=backend()), cluster=cluster)
    return {
        student: [(mark.question, mark.points, mark.status, mark.reason) for mark in found]
        for (student, _), found in marks.items()
    }


@pytest.mark.slow
@pytest.mark.usefixtures("sandboxed")
def test_dask_says_the_same_of_a_mixed_class(
    local: tuple[Path, dict[str, list[object]]],
) -> None:
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster:
        assert said(local[0], cluster.scheduler_address) == local[1]


@pytest.mark.slow
@pytest.mark.usefixtures("sandboxed")
def test_gradescope_says_the_same_of_each_of_a_mixed_class(
    tmp_path: Path,
    local: tuple[Path, dict[str, list[object]]],
) -> None:
    assert command("release", "--gradescope", tmp_path / "out.zip") == 0
    shutil.unpack_archive(tmp_path / "out.zip", tmp_path / "source")
    (tmp_path / "submission_metadata.json").write_text('{"users": []}')
    for student in MIXED:
        shutil.rmtree(tmp_path / "submission", ignore_errors=True)
        shutil.copytree(local[0] / "in" / student, tmp_path / "submission")
        running.gradescope(tmp_path)
        found = json.loads((tmp_path / "results" / "results.json").read_text())["tests"]
        assert [(one["name"], one["score"], one["output"]) for one in found] == [
            (f"{EXERCISE}: {question}", points, f"{status}: {reason}")
            for question, points, status, reason in local[1][student]
        ], student


@pytest.mark.slow
@pytest.mark.usefixtures("sandboxed")
def test_receipts_and_copies_are_the_same_under_every_clock(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "roster.csv").write_text("student\nada\nbob\n")
    (tmp_path / "course.key").write_bytes(KEY)
    course = ["--roster", tmp_path / "roster.csv", "--key-file", tmp_path / "course.key"]
    course += ["--exercise", "90_exam"]
    assert main([str(w) for w in ("release", "--out", tmp_path / "one", *course)]) == 0
    for student in ("ada", "bob"):
        copy = answered(tmp_path / "one" / student / "90_exam.ipynb", PREDICTED)
        hand_in_exam(tmp_path / "come", student, copy)
    what = shutil.make_archive(str(tmp_path / "come"), "zip", tmp_path / "come")
    clock = time.time
    for zone, years in (("Pacific/Kiritimati", 0), ("America/Los_Angeles", 9)):
        monkeypatch.setenv("TZ", zone)
        monkeypatch.setattr(time, "time", lambda: clock() + years * 31_557_600)  # noqa: B023
        time.tzset()
        out = tmp_path / f"two-{years}"
        assert main([str(w) for w in ("receive", what, "--out", out, "--jobs", 0, *course)]) == 0
    monkeypatch.undo()
    time.tzset()
    one, other = (contents(tmp_path / f"two-{years}") for years in (0, 9))
    assert {"receipts.csv", "returns/folders.zip", "ada/90_exam.ipynb"} <= one.keys()
    assert one == other
    nbformat.validate(nbformat.reads(one["ada/90_exam.ipynb"].decode(), as_version=4))


def contents(folder: Path) -> dict[str, bytes]:
    files = (
        p for p in folder.rglob("*") if p.is_file() and p.relative_to(folder).parts[0][0] != "."
    )
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


CELLS = (
    "=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\n=1+1", ' "=1+1', "a;=1+1", "a\t=1+1", "a,=1+1",
    "＝1+1", "=HYPERLINK(\"http://x\")", "'=1+1", "a - b", "1,5", "\"\n=1+1",
    ";;=cmd|' /C calc'!A0",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_is_a_formula_to_a_real_spreadsheet(tmp_path: Path, separator: str) -> None:
    """Whatever it takes for the separator of cells; LibreOffice is told to evaluate formulas."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed: apt install libreoffice-calc")
    ours = csv_text(("student", "reason"), [(cell, cell) for cell in CELLS])
    cells, formulas = opened(tmp_path / "ours", ours, separator)
    assert formulas == 0
    assert any(cell.endswith("=1+1") for cell in cells)
    cells, formulas = opened(
        tmp_path / "theirs", f"student{separator}reason\nada{separator}=1+1\n", separator
    )
    assert formulas == 2  # in both forms: it would have run


def opened(folder: Path, table: str, separator: str) -> tuple[list[str], int]:
    """Return the cells as LibreOffice opens them, and how many formulas it saves, as XLSX too."""
    folder.mkdir()
    (folder / "grades.csv").write_text(table)
    filtered = f"CSV:{ord(separator)},34,76,1,,0,false,true,false,false,false,-1,true"
    for form in ("fods", "xlsx"):
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless",
             f"--infilter={filtered}", "--convert-to", form, "--outdir", folder,
             folder / "grades.csv"],
            check=True, stdout=subprocess.DEVNULL, timeout=300,
        )  # fmt: skip
    made = ElementTree.parse(folder / "grades.fods")
    cells = [cell for cell in made.iter() if cell.tag.endswith("}table-cell")]
    formulas = sum(key.endswith("}formula") for cell in cells for key in cell.attrib)
    with zipfile.ZipFile(folder / "grades.xlsx") as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    formulas += sum(one.tag.endswith("}f") for one in sheet.iter())
    return ["".join(cell.itertext()).strip() for cell in cells], formulas
