"""How many submissions a minute? Our grader with isolation on, beside nbgrader and otter-grader.

    python -m benchmarks.grading [--students 200] [--nbgrader VENV] [--otter VENV] [--json]

All grade the same questions, answered by the same students: every second one right, every other one
with one wrong answer. The others run where they are installed: VENV is a virtual environment with
the grader, NumPy, SciPy, scikit-learn and ipykernel. What a start costs is counted for everybody.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from distributed import LocalCluster

from benchmarks.other_graders import Answers, NBGrader, Otter
from cs826tl_grader.exercise.rubric import Text
from cs826tl_grader.exercise.source import SOLUTION, Exercise
from cs826tl_grader.exercise.variants import variant_of

ROOT = Path(__file__).resolve().parents[1]


def answered(exercise: Exercise, students: int) -> list[Answers]:
    """Return each student's answers: all right, or one of them wrong."""
    solution = _solutions(exercise)
    wrong = [(q, code) for q, answers in _wrong(exercise).items() for code in answers.values()]
    found = [dict(solution) for _ in range(students)]
    for number in range(1, students, 2):
        question, code = wrong[number // 2 % len(wrong)]
        found[number][question] = code
    return found


def _solutions(exercise: Exercise) -> dict[str, str]:
    cells = [c.source for c in exercise.source.cells if SOLUTION.search(c.source)]
    names = [q.name for q in exercise.rubric.questions]
    return dict(zip(names, cells, strict=True))


def _wrong(exercise: Exercise) -> dict[str, dict[str, str]]:
    place = ROOT / "tests" / "grader" / "wrong" / f"{exercise.name}.py"
    spec = importlib.util.spec_from_file_location("wrong", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.WRONG)


def hand_in(exercise: Exercise, students: Sequence[Answers], folder: Path) -> None:
    """Write what each student hands in to our grader."""
    for number, answers in enumerate(students):
        notebook = exercise.released(variant_of(exercise.rubric, "", None))
        for cell, source in zip(notebook.cells, exercise.source.cells, strict=True):
            for name, answer in answers.items():
                if SOLUTION.search(source.source) and answers_question(cell, name):
                    cell.source = answer
        place = folder / f"s{number:03}" / f"{exercise.name}.ipynb"
        place.parent.mkdir(parents=True)
        nbformat.write(notebook, place)


def answers_question(cell: Any, name: str) -> bool:
    """Say whether a released cell is the one for the answer to a question."""
    return bool(cell.metadata.get("cs826tl", {}).get("question") == name)


def ours(exercise: Exercise, folder: Path, *words: object) -> float:
    """Return the seconds in which our grader grades the folder `in`."""
    out = Path(tempfile.mkdtemp(dir=folder))
    command = ["-m", "cs826tl", "grade", folder / "in", "--out", out, "--exercise", exercise.name]
    environment = {**os.environ, "TQDM_DISABLE": "1"}
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, *map(str, (*command, *words))],
        cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    with (out / "grades.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    texts = [q.name for q in exercise.rubric.questions if isinstance(q, Text)]
    marked = [row for row in rows if row["question"] not in texts]
    assert {row["status"] for row in marked} <= {"graded", "missing"}, "not a clean run"
    full = sum(row["points"] == row["max_points"] for row in marked)
    assert full == len(marked) - len(list((folder / "in").iterdir())) // 2, "not the marks due"
    return seconds


def on_dask(exercise: Exercise, folder: Path, workers: int) -> float:
    """Return the seconds on a Dask cluster of `workers`, whose start is not counted."""
    options: dict[str, Any] = {"n_workers": workers, "threads_per_worker": 1}
    with LocalCluster(**options, dashboard_address=None) as cluster:
        return ours(exercise, folder, "--cluster", cluster.scheduler_address)


def others(grader: NBGrader | Otter, students: Sequence[Answers]) -> float:
    """Return the seconds in which another grader grades these students."""
    grader.prepare(students)
    start = time.perf_counter()
    grader.grade()
    return time.perf_counter() - start


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, dict[str, float]]:
    """Return seconds, number of submissions and submissions a minute for each way of grading."""
    exercise = Exercise(ROOT / "notebooks" / "exercises" / f"{arguments.exercise}.ipynb")
    students = answered(exercise, arguments.students)
    hand_in(exercise, students, folder / "in")
    few = students[: arguments.few]
    seconds = {"cs826tl": (ours(exercise, folder), len(students))}
    print(f"cs826tl: {seconds['cs826tl'][0]:.0f} s", file=sys.stderr)
    if arguments.dask:
        for workers in (1, 2):
            name = f"cs826tl, {workers} Dask worker{'s' * (workers > 1)}"
            seconds[name] = (on_dask(exercise, folder, workers), len(students))
    for name, grader in (("nbgrader", NBGrader), ("otter", Otter)):
        if environment := getattr(arguments, name):
            made = grader(environment, folder / name, exercise)
            seconds[name] = (others(made, few), len(few))
    return {
        name: {"seconds": round(s, 1), "submissions": n, "a minute": round(60 * n / s, 1)}
        for name, (s, n) in seconds.items()
    }


def main() -> None:
    """Measure, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--exercise", default="01_why_transfer", metavar="NN_slug")
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--few", type=int, default=10, help="students for the other graders")
    parser.add_argument("--dask", action="store_true", help="one Dask worker and two as well")
    parser.add_argument("--nbgrader", type=Path, metavar="VENV")
    parser.add_argument("--otter", type=Path, metavar="VENV")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(arguments, Path(folder))
    if arguments.json:
        print(json.dumps({"exercise": arguments.exercise, "cores": os.cpu_count(), **found}))
        return
    print(f"{arguments.exercise}, {os.cpu_count()} cores")
    for name, row in found.items():
        print(f"{name:28}" + "".join(f"{value:>10g} {what}" for what, value in row.items()))


if __name__ == "__main__":
    main()
