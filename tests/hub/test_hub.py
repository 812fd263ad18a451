"""Two students on a real hub: one shared folder, two lectures at once, both exercises graded.

It makes users of this machine and runs lectures in full, so it has a command of its own:
`make hub`.
"""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from cs826tl.assets.cache import places
from cs826tl_grader.exercise.release import release
from cs826tl_grader.exercise.source import Exercise
from tests.hub.running import (
    CHECKOUT,
    Hub,
    Student,
    running_hub,
    served,
    students,
    why_not,
)

# Lectures in full, three times: prepared once, and then run by two students at once.
pytestmark = [pytest.mark.hub, pytest.mark.slow, pytest.mark.timeout(3600)]

LECTURES = ("00_start_here", "07_freezing_vs_finetuning")
EXERCISE = Exercise(CHECKOUT / "notebooks" / "exercises" / "07_freezing_vs_finetuning.ipynb")
WHO = "import os; print(os.getuid(), os.environ['CS826TL_SHARED'])"


def cs826tl(*words: object) -> None:
    """Run a command as root, as whoever runs the hub does."""
    command = [sys.executable, "-m", "cs826tl", *map(str, words)]
    subprocess.run(command, check=True, env=os.environ | {"TQDM_DISABLE": "1"})


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that every user of this machine may enter."""
    if reason := why_not():
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="cs826tl-hub-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def shared(place: Path) -> Path:
    """The folder that an administrator prepares; what this machine has need not be fetched."""
    folder = place / "shared"
    for home in places():
        shutil.copytree(
            home, folder, ignore=lambda _, names: {"codes"} & {*names}, dirs_exist_ok=True
        )
    cs826tl("prepare", folder, "--lecture", *LECTURES)
    return folder


@pytest.fixture(scope="module")
def repository(place: Path) -> Iterator[str]:
    """The students' repository: two lectures and an exercise without its solution."""
    work = place / "students"
    work.mkdir()
    for lecture in LECTURES:
        shutil.copy(CHECKOUT / "notebooks" / f"{lecture}.ipynb", work)
    release([EXERCISE], place / "release")
    shutil.copytree(place / "release" / "all", work / "exercises")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(WHO)])
    nbformat.write(notebook, work / "who.ipynb")
    me = ("-c", "user.name=lecturer", "-c", "user.email=lecturer@example.org")
    for words in (("init", "-b", "main"), ("add", "."), (*me, "commit", "-m", "the course")):
        subprocess.run(["git", *words], cwd=work, check=True, capture_output=True)
    bare = place / "served" / "students"
    subprocess.run(["git", "clone", "--bare", work, bare], check=True, capture_output=True)
    with served(bare.parent) as address:
        yield f"{address}/students"


def study(hub: Hub, student: Student, repository: str) -> list[str]:
    """Do what a student does: log in, follow the link, run two lectures."""
    hub.log_in(student)
    assert '"phase": "finished"' in hub.pull(student, repository)
    who = hub.run(student, "students/who.ipynb")
    for lecture in LECTURES:
        hub.run(student, f"students/{lecture}.ipynb")
    return "".join(who).split()


def answer(hub: Hub, student: Student) -> None:
    """Save the reference's answers into the student's own copy of the exercise."""
    path = f"user/{student.name}/api/contents/students/exercises/{EXERCISE.name}.ipynb"
    content = hub.ask(path)["content"]
    for cell, source in zip(content["cells"], EXERCISE.source.cells, strict=True):
        if "BEGIN SOLUTION" in source.source:
            cell["source"] = source.source
    hub.ask(path, "PUT", {"type": "notebook", "content": content})


def test_two_students_work_at_once_and_both_exercises_are_collected(
    place: Path, shared: Path, repository: str
) -> None:
    before = {path: path.stat().st_mtime_ns for path in shared.rglob("*")}
    (place / "homes").mkdir()
    names = ("cs826tl-ada", "cs826tl-grace")
    with students(names, place / "homes") as class_, running_hub(place, shared) as hub:
        with ThreadPoolExecutor() as pool:
            saw = list(pool.map(lambda student: study(hub, student, repository), class_))
        assert saw == [[str(student.uid), str(shared)] for student in class_]
        assert len({student.uid for student in class_} - {0}) == 2
        for student in class_:  # nobody fetched, and nobody computed codes worth a file
            own = student.home / ".cache" / "cs826tl"
            assert [path for path in own.rglob("*") if path.is_file()] == []
        assert {path: path.stat().st_mtime_ns for path in shared.rglob("*")} == before
        answer(hub, class_[0])
        for student in class_:
            collected = place / "submissions" / student.name
            shutil.copytree(student.home / "students" / "exercises", collected)
    cs826tl("grade", place / "submissions", "--out", place / "report", "--jobs", 1)
    with (place / "report" / "grades.csv").open(newline="") as rows:
        points = {name: 0.0 for name in names}
        statuses = set()
        for row in csv.DictReader(rows):
            points[row["student"]] += float(row["points"] or 0)
            statuses.add((row["student"], row["status"]))
    assert points[names[0]] > points[names[1]] == 0
    assert (names[0], "graded") in statuses
    assert not {status for _, status in statuses} & {"crashed", "tampered", "timeout"}
