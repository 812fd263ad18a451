"""One of ten makes the grader itself fail, in every step there is: nine reports stay the same."""

import itertools
import json
import os
import shutil
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.marking import cohort, submission
from cs826tl_grader.marking.marks import Marking
from cs826tl_grader.marking.sitting import Sitting
from cs826tl_grader.platforms import intake, reading
from cs826tl_grader.report import tables, viva
from cs826tl_grader.sandbox.isolation import Sandbox
from tests.grader.conftest import end_kept, in_sandboxes
from tests.grader.platforms import golden
from tests.grader.submissions import ANSWER, EXERCISE, emptied, grades, notebook
from tests.grader.test_grading import command, sandboxed  # noqa: F401

ROOT = Path(__file__).parents[2]
CLASS = golden.class_of(10)
ODD_ONE = CLASS[5]  # one who is wrong, so that an example is shown
OWN = (ODD_ONE.id, str(ODD_ONE.there))  # what its files, or their names, hold
TOLD = "what no student may read"
STEPS = {
    "reading its file in the archive": (reading.Entry, "read"),
    "unpacking": (intake, "unpack"),
    "finding the notebook": (cohort, "find_notebook"),
    "drawing the variant": (cohort, "variant_of"),
    "parsing the notebook": (submission, "notebook_of"),
    "reading its receipts": (submission, "opened"),
    "starting the process": (Sandbox, "begin"),
    "sending": (Sandbox, "send"),
    "a sitting": (Sitting, "run"),
    "drawing hidden cases": (Marking, "cases"),
    "judging": (Marking, "difference"),
    "asking about the numbers": (Marking, "talk"),
    "showing an example": (Marking, "in_words"),
    "what the sandbox denied": (Sandbox, "denied"),
    "the digest": (cohort, "_state"),
    "writing marks down": (cohort, "write_text"),
    "feedback": (tables, "_feedback"),
    "questions for a talk": (viva, "questions"),
    "the sheet": (viva, "on_a_page"),
}
BEFORE_AND_AFTER = (reading.Entry, intake, tables, viva)  # marking, which is no worker's
MARKING = [step for step, (owner, _) in STEPS.items() if owner not in BEFORE_AND_AFTER]
ENDS = {  # of a worker, as a rubric or what it calls may bring them about
    "leaves": lambda: os._exit(0),
    "is killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "crashes": lambda: os.kill(os.getpid(), signal.SIGSEGV),
}
TRIED = [*zip(MARKING, itertools.cycle(ENDS), strict=False)]  # each in one of these ways
MARK = cohort._mark
NIGHTLY = os.environ.get("CS826TL_NIGHTLY") == "1"


class Odd(Exception):
    """What nobody foresaw."""


def graded(folder: Path, jobs: int = 0) -> dict[tuple[str, str], dict[str, str]]:
    """Grade the class, and return the rows of `grades.csv`."""
    words = (
        "--out",
        folder / "report",
        "--jobs",
        jobs,
        "--roster",
        folder / "roster.csv",
        "--viva",
    )
    people = ("--people", golden.people(folder, "moodle", CLASS))
    assert command("grade", folder / "moodle.zip", *words, *people) == 0
    return grades(folder / "report")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten students, of whom every second one is wrong; each says in words who it is."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "roster.csv").write_text(golden.roster(CLASS))
    files: dict[str, bytes] = {}
    for number, student in enumerate(CLASS):
        answer = ANSWER.replace("+ 1", f"+ {1 + number % 2}").replace(":\n", f":  # {student.id}\n")
        content = json.dumps(notebook([answer], why=f"I am {student.id}.")).encode()
        files |= golden.moodle(student, {f"{EXERCISE}.ipynb": content})
    golden.archive(folder / "moodle.zip", files)
    return folder


@pytest.fixture(scope="module")
def undisturbed(course: Path) -> dict[tuple[str, str], dict[str, str]]:
    return graded(course)


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_one_students_failure_is_that_students_verdict_and_nobody_elses(
    course: Path,
    sandboxed: None,  # noqa: F811
    undisturbed: dict[tuple[str, str], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    owner, name = STEPS[step]
    whole: Callable[..., Any] = getattr(owner, name)
    calls, met = [], []

    def failing(*words: Any, **others: Any) -> Any:
        calls.append(name)
        told = f"{words}{[getattr(word, '__dict__', '') for word in words]}"
        told += "".join(str(bytes(word)) for word in words if isinstance(word, np.ndarray))
        nameless = owner is Sandbox and name != "send"  # one call for each student, in turn
        if len(calls) == 6 if nameless else any(word in told for word in OWN):
            met.append(step)
            raise Odd(TOLD)
        return whole(*words, **others)

    shutil.rmtree(course / "report")
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, failing)
        found = graded(course)
    assert met
    for (student, question), row in found.items():
        same = row == undisturbed[student, question]
        assert same or (student == ODD_ONE.id and row["status"] == "needs-review")
        assert TOLD not in row["reason"]
    pages = {path.parent.name for path in (course / "report" / "feedback").rglob("*.html")}
    assert pages >= {student.id for student in CLASS} - {ODD_ONE.id}
    assert graded(course) == undisturbed  # what failed was not kept: it is tried again


def mark_or_end(step: str, end: str, met: Path, *task: Any) -> Any:
    """Mark as a worker does, but end it in a step where one student's turn has come."""
    owner, name = STEPS[step]

    def ending(*_: Any, **__: Any) -> None:
        met.touch()
        ENDS[end]()

    with pytest.MonkeyPatch.context() as patch:
        if ODD_ONE.id in task:
            patch.setattr(owner, name, ending)
        return MARK(*task)


@pytest.mark.slow
@pytest.mark.parametrize(("step", "end"), TRIED if NIGHTLY else TRIED[4::5])
def test_a_worker_that_dies_is_one_students_verdict_and_the_run_goes_on(
    course: Path,
    sandboxed: None,  # noqa: F811
    undisturbed: dict[tuple[str, str], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    step: str,
    end: str,
) -> None:
    shutil.rmtree(course / "report")
    end_kept()
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    met = course / "met"
    with monkeypatch.context() as patch:
        patch.setattr(cohort, "_mark", partial(mark_or_end, step, end, met))
        found = graded(course, jobs=2)
    met.unlink()
    of_the_odd_one = {row["status"] for (student, _), row in found.items() if student == ODD_ONE.id}
    assert of_the_odd_one == {"needs-review"}
    for (student, question), row in found.items():
        assert student == ODD_ONE.id or row == undisturbed[student, question]
    report = (course / "report" / "report.html").read_text()
    assert "whoever marks it ends" in report
    assert in_sandboxes() == []
    assert emptied(tmp_path)
    assert graded(course) == undisturbed


def test_numbers_as_text_are_numbers_to_the_whole_rubric_of_exercise_2() -> None:
    exercise = Exercise(ROOT / "notebooks" / "exercises" / "02_kinds_of_transfer.ipynb")
    question = exercise.rubric["predict_angles"]
    case = next(iter(question.cases(np.random.default_rng(0), {})))
    text = [str(angle) for angle in case.truth]
    assert question.judge({}, case, text) == ""
    assert question.talk is not None
    assert "off by 0.0 degrees" in question.talk({}, case, text)[0]
