"""The same questions and answers as nbgrader and otter-grader take them, and as they grade them.

Each runs in a virtual environment of its own, which must hold it beside NumPy, SciPy, scikit-learn
and ipykernel. Both get less to do than our grader: no sandbox, no variants, no fresh inputs.
"""

from __future__ import annotations

import base64
import os
import pickle
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from cs826tl_grader.exercise.rubric import Question, Text, Value
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.exercise.variants import variant_of

Answers = Mapping[str, str]  # the code of every answer, by question
SETUP = "import numpy as np\nvariant = {variant!r}"
TEST = """\
import base64, pickle
import numpy as np

def alike(got, expected):
    if expected is None or isinstance(expected, str):
        return got == expected
    got, expected = np.asarray(got, float), np.asarray(expected, float)
    if {share} < 1:
        return bool((got == expected).mean() >= {share})
    return got.shape == expected.shape and np.allclose(got, expected)

cases = pickle.loads(base64.b64decode("{cases}"))
assert all(alike({call}, expected) for arguments, expected in cases)
"""


def _test(exercise: Exercise, question: Question) -> str:
    """Return code that fails unless the answer agrees with the reference's on the hidden cases."""
    variant = variant_of(exercise.rubric, "", None)
    rng = np.random.default_rng(0)
    cases = [()] if isinstance(question, Value) else list(question.cases(rng, variant))
    solved = [(case, question.solution(variant, *case)) for case in cases]
    packed = base64.b64encode(pickle.dumps(solved)).decode()
    call = question.name if isinstance(question, Value) else f"{question.name}(*arguments)"
    judged = getattr(question, "check", None) is not None
    return TEST.format(cases=packed, call=call, share=0.8 if judged else 1)


def _questions(exercise: Exercise) -> list[Question]:
    return [q for q in exercise.rubric.questions if not isinstance(q, Text)]


def _run(command: Path, *words: object, folder: Path, tolerant: bool = False) -> None:
    path = f"{command.parent}:{os.environ['PATH']}"
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": "", "PATH": path}
    done = subprocess.run(
        [*map(str, (command, *words))],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and not tolerant:
        raise RuntimeError(f"{command}: {done.stdout[-1000:]}{done.stderr[-1000:]}")


class NBGrader:
    """A course of nbgrader's, in a folder."""

    def __init__(self, environment: Path, folder: Path, exercise: Exercise) -> None:
        self._command, self._folder = environment.resolve() / "bin" / "nbgrader", folder
        self._exercise = exercise

    def prepare(self, students: Sequence[Answers]) -> None:
        """Write the assignment and what was handed in."""
        name = self._exercise.name
        self._write(self._folder / "source" / name / f"{name}.ipynb", None)
        _run(self._command, "generate_assignment", name, folder=self._folder)
        for number, answers in enumerate(students):
            place = self._folder / "submitted" / f"s{number:03}" / name / f"{name}.ipynb"
            self._write(place, answers)

    def grade(self, tolerant: bool = False) -> None:
        """Grade all that was handed in; `tolerant` of notebooks that cannot be graded."""
        name = self._exercise.name
        _run(self._command, "autograde", name, folder=self._folder, tolerant=tolerant)

    def export(self) -> Path:
        """Return a table of the points."""
        _run(self._command, "export", "--to", "grades.csv", folder=self._folder)
        return self._folder / "grades.csv"

    def _write(self, place: Path, answers: Answers | None) -> None:
        variant = dict(variant_of(self._exercise.rubric, "", None))
        cells = [nbformat.v4.new_code_cell(SETUP.format(variant=variant))]
        for question in _questions(self._exercise):
            answer = (answers or {}).get(question.name, "# the answer")
            cells.append(_cell(question.name, answer, solution=True))
            test = _test(self._exercise, question)
            hidden = f"### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"
            source = hidden if answers is None else "# a test"
            cells.append(_cell(f"test_{question.name}", source, points=question.points))
        _save(place, cells)


def _cell(name: str, source: str, solution: bool = False, points: float | None = None) -> Any:
    cell = nbformat.v4.new_code_cell(source)
    cell.metadata["nbgrader"] = {
        "grade_id": name, "schema_version": 3, "solution": solution, "grade": points is not None,
        "locked": not solution, "task": False,
    } | ({} if points is None else {"points": points})  # fmt: skip
    return cell


class Otter:
    """Otter-grader without Docker, which takes one submission after the other."""

    def __init__(self, environment: Path, folder: Path, exercise: Exercise) -> None:
        self._command, self._folder = environment.resolve() / "bin" / "otter", folder
        self._exercise = exercise
        self._students = 0

    def prepare(self, students: Sequence[Answers]) -> None:
        """Write the tests and what was handed in."""
        tests = self._folder / "tests"
        tests.mkdir(parents=True)
        for question in _questions(self._exercise):
            lines = [f"... {line}" for line in _test(self._exercise, question).splitlines()]
            code = "\n".join([">>> def test():", *(f"...     {line[4:]}" for line in lines), "..."])
            case = {"code": f"{code}\n>>> test()\n", "hidden": True, "locked": False}
            suite = {"cases": [case], "scored": True, "type": "doctest"}
            test = {"name": question.name, "points": question.points, "suites": [suite]}
            (tests / f"{question.name}.py").write_text(f"OK_FORMAT = True\ntest = {test!r}\n")
        _run(self._command, "generate", "-t", tests, "-o", "tests.zip", folder=self._folder)
        variant = dict(variant_of(self._exercise.rubric, "", None))
        self._students = len(students)
        for number, answers in enumerate(students):
            setup = f"import otter\ngrader = otter.Notebook()\n{SETUP.format(variant=variant)}"
            sources = [setup, *answers.values()]
            cells = [nbformat.v4.new_code_cell(source) for source in sources]
            _save(self._folder / f"s{number:03}.ipynb", cells)

    def grade(self, tolerant: bool = False) -> None:
        """Grade all that was handed in; `tolerant` of notebooks that cannot be graded."""
        for number in range(self._students):
            place = self._folder / f"s{number:03}.ipynb"
            (self._folder / f"out{number:03}").mkdir()
            words = ("run", "-a", "tests.zip", "-o", f"out{number:03}", "--no-logo", place)
            _run(self._command, *words, folder=self._folder, tolerant=tolerant)


def _save(place: Path, cells: Sequence[Any]) -> None:
    notebook = nbformat.v4.new_notebook(cells=list(cells))
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    place.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, place)
