"""One of ten makes the grader itself fail, in every step there is: nine reports stay the same."""

import json
import shutil
from collections.abc import Callable
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
from tests.grader.platforms import golden
from tests.grader.submissions import ANSWER, EXERCISE, grades, notebook
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


class Odd(Exception):
    """What nobody foresaw."""


def graded(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Grade the class, and return the rows of `grades.csv`."""
    words = ("--out", folder / "report", "--jobs", 1, "--roster", folder / "roster.csv", "--viva")
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


def test_numbers_as_text_are_numbers_to_the_whole_rubric_of_exercise_2() -> None:
    exercise = Exercise(ROOT / "notebooks" / "exercises" / "02_kinds_of_transfer.ipynb")
    question = exercise.rubric["predict_angles"]
    case = next(iter(question.cases(np.random.default_rng(0), {})))
    text = [str(angle) for angle in case.truth]
    assert question.judge({}, case, text) == ""
    assert question.talk is not None
    assert "off by 0.0 degrees" in question.talk({}, case, text)[0]
