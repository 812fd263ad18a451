"""Release, grade, report: the commands as a lecturer uses them."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest

from cs826tl_grader.commands import run_grade, run_release
from cs826tl_grader.exercise.source import Exercise, find_exercises
from cs826tl_grader.exercise.variants import read_key, variant_of
from cs826tl_grader.marking.cohort import Cohort, grade
from cs826tl_grader.marking.handed_in import Found
from cs826tl_grader.marking.marks import Marking
from cs826tl_grader.marking.submission import mark_submission
from cs826tl_grader.plain.writing import safe_cell, safe_name, write_text
from cs826tl_grader.sandbox.backends import NoSandbox, backend
from cs826tl_grader.sandbox.isolation import Sandbox
from tests.grader.submissions import ANSWER, COURSE, EXERCISE, emptied, grades, hand_in, notebook

ROSTER = ["ada", "grace", "../../etc", "=cmd|calc"]
KEY = b"0123456789abcdef0123456789abcdef"


def command(name: str, *words: object) -> int:
    from cs826tl.cli import _parser

    run = run_release if name == "release" else run_grade
    return run(_parser().parse_args([name, *map(str, words)]), COURSE)


@pytest.fixture
def roster(tmp_path: Path) -> list[object]:
    (tmp_path / "roster.csv").write_text("name,student\n" + "".join(f"x,{s}\n" for s in ROSTER))
    (tmp_path / "course.key").write_bytes(KEY)
    return ["--roster", tmp_path / "roster.csv", "--key-file", tmp_path / "course.key"]


@pytest.fixture
def sandboxed() -> None:
    try:
        backend()
    except NoSandbox as problem:
        pytest.skip(str(problem))


def code_of(path: Path) -> str:
    return "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)


def solved(path: Path, answer: str = ANSWER) -> dict[str, object]:
    made = nbformat.read(path, as_version=4)
    for cell in made.cells:
        if cell.source.startswith("def scale"):
            cell.source = answer
        if cell.source.startswith("smallest"):
            cell.source = 'smallest = variant["factor"] - 1'
        cell.source = cell.source.replace("*Your answer goes here.*", "Because.")
    return json.loads(nbformat.writes(made))


# release


def test_a_release_holds_stubs_and_no_solution(tmp_path: Path) -> None:
    assert command("release", "--out", tmp_path / "out") == 0
    source = code_of(tmp_path / "out" / "all" / f"{EXERCISE}.ipynb")
    assert "raise NotImplementedError" in source
    assert "smallest = None  # your answer" in source
    assert "*Your answer goes here.*" in source
    for secret in (
        "x * factor + 1",
        'variant["factor"] - 1',
        "Because.",
        "SOLUTION",
        "draw_variant",
    ):
        assert secret not in source


def test_every_student_has_a_variant_of_its_own_and_the_grader_finds_it_again(
    tmp_path: Path, roster: list[object]
) -> None:
    command("release", "--out", tmp_path / "out", *roster)
    rubric = Exercise(COURSE / f"{EXERCISE}.ipynb").rubric
    for student in ROSTER:
        place = tmp_path / "out" / safe_name(student) / f"{EXERCISE}.ipynb"
        variant = variant_of(rubric, student, KEY)
        assert f"variant = {dict(variant)!r}" in code_of(place)
    many = {variant_of(rubric, str(k), KEY)["factor"] for k in range(50)}
    assert len(many) > 3


def test_nbgraders_metadata_is_there_when_asked_for(tmp_path: Path) -> None:
    for words in ([], ["--nbgrader"]):
        command("release", "--out", tmp_path, *words)
        made = nbformat.read(tmp_path / "all" / f"{EXERCISE}.ipynb", as_version=4)
        found = {c.metadata.nbgrader.grade_id for c in made.cells if "nbgrader" in c.metadata}
        assert found == ({"scale", "smallest", "why"} if words else set())


def test_release_writes_only_below_its_folder(tmp_path: Path, roster: list[object]) -> None:
    command("release", "--out", tmp_path / "deep" / "out", *roster)
    written = {p for p in tmp_path.rglob("*.ipynb")}
    assert all((tmp_path / "deep" / "out") in p.parents for p in written)
    assert len(written) == len(ROSTER)


def test_a_roster_without_a_key_is_refused(tmp_path: Path, roster: list[object]) -> None:
    with pytest.raises(ValueError, match="both --roster and --key-file"):
        command("release", "--out", tmp_path / "out", *roster[:2])


def test_a_short_key_and_an_unknown_exercise_are_refused_with_the_fix(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("short")
    with pytest.raises(ValueError, match=r"secrets\.token_hex"):
        read_key(tmp_path / "key")
    with pytest.raises(ValueError, match=EXERCISE):
        find_exercises(COURSE, ["99_none"])


def test_the_public_checks_help_and_hide(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command("release", "--out", tmp_path)
    cells = nbformat.read(tmp_path / "all" / f"{EXERCISE}.ipynb", as_version=4).cells
    setup = next(cell.source for cell in cells if cell.source.startswith("# CHECKS"))
    space: dict[str, object] = {}
    exec(setup, space)
    check = space["check"]
    capsys.readouterr()
    space["scale"] = lambda x, factor: 0
    check("scale")  # type: ignore[operator]
    first = capsys.readouterr().out
    assert "scale(1.0, 3.0) returned 0, expected 4.0" in first
    assert "Hint" not in first
    exec(setup, space)  # as happens where a learner runs all cells again
    check = space["check"]
    check("scale")  # type: ignore[operator]
    assert "Hint: Multiply, then add one." in capsys.readouterr().out
    exec(ANSWER, space)
    check("scale")  # type: ignore[operator]
    assert capsys.readouterr().out.startswith("✓ scale")
    with pytest.raises(ValueError, match="there are scale, smallest, why"):
        check("nothing")  # type: ignore[operator]


# grade


def test_a_roster_is_graded_and_a_copied_answer_does_not_fit(
    tmp_path: Path, roster: list[object], sandboxed: None
) -> None:
    command("release", "--out", tmp_path / "out", *roster)
    released = {s: tmp_path / "out" / safe_name(s) / f"{EXERCISE}.ipynb" for s in ROSTER}
    rubric = Exercise(COURSE / f"{EXERCISE}.ipynb").rubric
    factors = {s: variant_of(rubric, s, KEY)["factor"] for s in ROSTER}
    other = next(s for s in ROSTER if factors[s] != factors["ada"])
    hand_in(tmp_path / "in", "ada", solved(released["ada"]))
    hand_in(
        tmp_path / "in",
        "grace",
        solved(released["ada" if factors["grace"] != factors["ada"] else other]),
    )
    assert (
        command("grade", tmp_path / "in", "--out", tmp_path / "report", "--jobs", 0, *roster) == 0
    )
    rows = grades(tmp_path / "report")
    assert [rows["ada", q]["points"] for q in ("scale", "smallest", "why")] == ["3", "1", "0"]
    assert rows["grace", "smallest"]["points"] == "0"
    assert rows["../../etc", "scale"]["status"] == "missing"
    assert rows["'=cmd|calc", "scale"]["status"] == "missing"
    with (tmp_path / "report" / "grades.csv").open() as stream:
        columns = next(csv.reader(stream))
    assert columns == [
        "student",
        "exercise",
        "question",
        "points",
        "max_points",
        "status",
        "reason",
    ]
    with (tmp_path / "report" / "summary.csv").open() as stream:
        totals = {row["student"]: row for row in csv.DictReader(stream)}
    expected = {"student": "ada", "exercise": EXERCISE, "points": "4", "max_points": "6"}
    assert totals["ada"] == expected
    for student in ROSTER:
        page = tmp_path / "report" / "feedback" / safe_name(student) / f"{EXERCISE}.html"
        assert "default-src 'none'" in page.read_text()


def test_wrong_answers_are_explained_and_the_untouched_release_gets_nothing(
    tmp_path: Path, sandboxed: None
) -> None:
    command("release", "--out", tmp_path / "out")
    released = tmp_path / "out" / "all" / f"{EXERCISE}.ipynb"
    hand_in(tmp_path / "in", "untouched", json.loads(released.read_text()))
    hand_in(
        tmp_path / "in", "wrong", solved(released, "def scale(x, factor):\n    return x * factor\n")
    )
    hand_in(tmp_path / "in", "full", solved(released))
    command("grade", tmp_path / "in", "--out", tmp_path / "report", "--jobs", 0)
    rows = grades(tmp_path / "report")
    assert {rows["untouched", q]["status"] for q in ("scale", "smallest", "why")} == {"missing"}
    assert rows["wrong", "scale"]["reason"] == (
        "wrong answer: it is another number. Hint: Multiply, then add one."
    )
    assert rows["wrong", "smallest"]["points"] == rows["full", "smallest"]["points"] == "1"
    assert rows["full", "why"]["status"] == "needs-review"


def test_marks_by_hand_are_merged(tmp_path: Path, sandboxed: None) -> None:
    hand_in(tmp_path / "in", "ada", notebook([ANSWER]))
    words = ("grade", tmp_path / "in", "--out", tmp_path / "report", "--jobs", 0)
    command(*words)
    place = tmp_path / "report" / "by_hand.csv"
    place.write_text(place.read_text().replace("why,,2,,", "why,1.5,2,nearly,"))
    command(*words, "--by-hand", place)
    row = grades(tmp_path / "report")["ada", "why"]
    assert (row["points"], row["status"], row["reason"]) == ("1.5", "graded", "nearly")
    assert "why,1.5,2,nearly," in place.read_text()


def broken_course(folder: Path, line: str) -> Exercise:
    rubric = (COURSE / f"{EXERCISE}.py").read_text()
    (folder / f"{EXERCISE}.py").write_text(
        rubric.replace("\n\nQUESTIONS", f"\n\n{line}\nQUESTIONS")
    )
    (folder / f"{EXERCISE}.ipynb").write_bytes((COURSE / f"{EXERCISE}.ipynb").read_bytes())
    return Exercise(folder / f"{EXERCISE}.ipynb")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("1 / 0", r"01_scale\.py: ZeroDivisionError"),
        ("def scale(variant, x, factor): return 1 / 0", "the rubric fails on its own example"),
    ],
)
def test_a_rubric_that_fails_for_everybody_is_said_before_anybody_is_marked(
    tmp_path: Path, line: str, says: str
) -> None:
    hand_in(tmp_path / "in", "ada", notebook([ANSWER]))
    exercise = broken_course(tmp_path, line)
    with pytest.raises(ValueError, match=says):
        grade(Cohort(tmp_path / "in", tmp_path / "out", (exercise,)))


@pytest.mark.parametrize(
    "line",
    [
        "def some_numbers(rng, variant): return 1 / 0",
        "def scale(variant, x, factor): return x * factor + 1 if x < 2 else x / 0",
    ],
)
def test_a_question_whose_rubric_fails_waits_for_a_person_and_costs_no_other(
    tmp_path: Path, sandboxed: None, line: str
) -> None:
    place = hand_in(tmp_path / "in", "ada", notebook([ANSWER]))
    exercise = broken_course(tmp_path, line)
    variant = exercise.rubric.draw_variant(np.random.default_rng(0))
    marking = Marking(exercise, "ada", variant, KEY, 60.0)
    sandbox = Sandbox(backend(), [tmp_path])
    scale, smallest, _ = mark_submission(Found(place.read_bytes()), marking, sandbox)
    sandbox.end()
    assert (scale.status, smallest.points) == ("needs-review", 1)
    assert scale.failure.startswith(f"{EXERCISE}.py, line ")
    assert "ZeroDivisionError" in scale.failure
    assert "Zero" not in scale.reason


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on_and_the_report_is_the_same(
    tmp_path: Path, sandboxed: None
) -> None:
    for k in range(12):
        hand_in(tmp_path / "in", f"s{k:02}", notebook([ANSWER.replace("+ 1", f"+ {k % 3}")]))
    words = ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "report"), "--jobs", "1"]
    script = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        f"from tests.grader.test_grading import command\ncommand(*{words!r})"
    )
    kept = tmp_path / "report" / ".marks"
    first = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline and len(list(kept.glob("*.json"))) < 3:
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    before = {p.name: p.stat().st_mtime_ns for p in kept.glob("*.json")}
    assert 3 <= len(before) < 12
    assert not (tmp_path / "report" / "grades.csv").exists()
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)
    after = {p.name: p.stat().st_mtime_ns for p in kept.glob("*.json")}
    assert len(after) == 12
    assert before.items() <= after.items()  # what was finished was not run again
    rows = grades(tmp_path / "report")
    assert len(rows) == 36
    assert [rows[f"s{k:02}", "scale"]["points"] for k in range(12)] == ["0", "3", "0"] * 4


@pytest.mark.slow
def test_what_runs_ends_with_the_grader(tmp_path: Path, sandboxed: None) -> None:
    """Even where it is killed in the middle of a submission that never ends."""
    hand_in(tmp_path / "in", "ada", notebook(["while True:\n    pass", ANSWER]))
    words = ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "report"), "--jobs", "2"]
    script = f"from tests.grader.test_grading import command\ncommand(*{words!r})"
    (tmp_path / "temporary").mkdir()
    grader = psutil.Popen(
        [sys.executable, "-c", script], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
    )  # fmt: skip
    deadline = time.monotonic() + 600
    running: list[psutil.Process] = []
    while time.monotonic() < deadline and not _busy(running):
        time.sleep(0.5)
        running = grader.children(recursive=True)
    assert _busy(running)
    sandbox = _sandboxed(running)
    grader.kill()  # it alone, as the kernel does where memory runs out
    grader.wait()
    assert psutil.wait_procs(sandbox, timeout=30)[1] == []
    assert emptied(tmp_path / "temporary")


def _sandboxed(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    return [p for p in processes if "cs826tl_grader.sandbox.inside" in " ".join(p.cmdline())]


def _busy(processes: Sequence[psutil.Process]) -> bool:
    """Say whether a submission computes, the last of the processes in a sandbox."""
    inside = _sandboxed(processes)
    return len(inside) > 1 and inside[-1].cpu_percent(0.5) > 5


@pytest.mark.slow
def test_two_dask_workers_give_the_same_report(tmp_path: Path, sandboxed: None) -> None:
    distributed = pytest.importorskip("distributed")
    for k in range(6):
        hand_in(tmp_path / "in", f"s{k}", notebook([ANSWER.replace("+ 1", f"+ {k % 2}")]))
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        words: Sequence[object] = ("--cluster", cluster.scheduler_address)
        command("grade", tmp_path / "in", "--out", tmp_path / "dask", *words)
    command("grade", tmp_path / "in", "--out", tmp_path / "here", "--jobs", 0)
    for name in ("grades.csv", "summary.csv", "by_hand.csv", "report.html"):
        assert (tmp_path / "dask" / name).read_text() == (tmp_path / "here" / name).read_text()


def test_only_what_changed_is_graded_again(tmp_path: Path, sandboxed: None) -> None:
    for student in ("ada", "grace"):
        hand_in(tmp_path / "in", student, notebook([ANSWER]))
    words = ("grade", tmp_path / "in", "--out", tmp_path / "report", "--jobs", 0)
    command(*words)
    kept = tmp_path / "report" / ".marks"
    before = {p.name: p.stat().st_mtime_ns for p in kept.glob("*.json")}
    hand_in(tmp_path / "in", "grace", notebook(["def scale(x, factor):\n    return 0\n"]))
    command(*words)
    after = {p.name: p.stat().st_mtime_ns for p in kept.glob("*.json")}
    assert sum(before[name] != after[name] for name in before) == 1
    assert grades(tmp_path / "report")["grace", "scale"]["points"] == "0"


def test_no_submission_at_all_is_said(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(ValueError, match="<student>/NN_slug"):
        command("grade", tmp_path / "in", "--out", tmp_path / "out")


def test_files_are_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_text(tmp_path / "a.txt", "old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_text(tmp_path / "a.txt", "new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


@pytest.mark.parametrize("umask", [0o022, 0o077, 0])
def test_only_their_owner_reads_marks_and_secret(
    tmp_path: Path, sandboxed: None, umask: int
) -> None:
    hand_in(tmp_path / "in", "ada", "no notebook")
    before = os.umask(umask)
    try:
        command("grade", tmp_path / "in", "--out", tmp_path / "report", "--jobs", 0)
    finally:
        os.umask(before)
    written = [p for p in (tmp_path / "report").rglob("*") if p.is_file()]
    assert {"secret", "grades.csv", "report.html"} <= {p.name for p in written}
    assert {p.stat().st_mode & 0o777 for p in written} == {0o600}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM", "\t=1", "\r=1", " =1"])
def test_no_cell_starts_a_formula(text: str) -> None:
    assert safe_cell(text).lstrip()[:1] not in "=+-@"


def test_hidden_cases_differ_between_students_and_reports() -> None:
    exercise = Exercise(COURSE / f"{EXERCISE}.ipynb")
    question = exercise.rubric["scale"]

    def cases(student: str, secret: bytes) -> np.ndarray:
        return np.array(Marking(exercise, student, {}, secret, 1.0).cases(question))

    assert np.array_equal(cases("ada", KEY), cases("ada", KEY))
    assert not np.array_equal(cases("ada", KEY), cases("grace", KEY))
    assert not np.array_equal(cases("ada", KEY), cases("ada", KEY[::-1]))
