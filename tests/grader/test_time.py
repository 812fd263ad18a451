"""Whose seconds count: those of the submission, not of the grader or of others on the machine."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.marking.handed_in import find_notebook
from cs826tl_grader.marking.marks import Marking
from cs826tl_grader.marking.submission import mark_submission
from cs826tl_grader.sandbox.backends import NoSandbox, backend
from cs826tl_grader.sandbox.channel import STRETCH, Clock
from cs826tl_grader.sandbox.isolation import Sandbox
from tests.grader.submissions import ANSWER, COURSE, EXERCISE, hand_in, notebook

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="submissions run on Linux only")
LIMIT = 3.0
WORKS = """
import time

done = []


def scale(x, factor):
    while not done and time.process_time() - began < {seconds}:
        pass
    done.append(x)
    return x * factor + 1


began = time.process_time()
"""


@pytest.fixture
def busy() -> Iterator[None]:
    """Other work on every processor, three times as much as there is room for."""
    others = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(3 * len(os.sched_getaffinity(0)))
    ]
    yield
    for other in others:
        other.kill()
        other.wait()


def marked(folder: Path, answer: str, rubric: str = "") -> tuple[float, str]:
    """Return the points for `scale` and the status; the rubric gets these lines, if any."""
    for suffix in ("ipynb", "py"):
        text = (COURSE / f"{EXERCISE}.{suffix}").read_text()
        (folder / f"{EXERCISE}.{suffix}").write_text(text.replace("\n\nQUES", f"{rubric}\n\nQUES"))
    exercise = Exercise(folder / f"{EXERCISE}.ipynb")
    place = hand_in(folder / "in", "ada", notebook([answer]))
    try:
        sandbox = Sandbox(backend(), [])
    except NoSandbox as problem:
        pytest.skip(str(problem))
    try:
        marking = Marking(exercise, "ada", {"factor": 3}, b"", LIMIT)
        found = find_notebook(place.parent, EXERCISE)
        mark = next(m for m in mark_submission(found, marking, sandbox) if m.question == "scale")
    finally:
        sandbox.end()
    return mark.points, mark.status


def test_time_in_which_others_have_the_processor_does_not_count(busy: None) -> None:
    clock, wall, own = Clock(), time.monotonic(), time.process_time()
    while time.process_time() - own < 1:
        pass
    counted, passed = clock.read(), time.monotonic() - wall
    assert passed > 1.5
    assert max(1, passed / STRETCH) - 0.1 < counted < 1 + (passed - 1) / 2


def test_sleep_counts() -> None:
    clock = Clock()
    time.sleep(0.3)
    assert clock.read() > 0.25
    time.sleep(0.3)
    clock.go_on()
    assert clock.read() < 0.55


@pytest.mark.slow
def test_marks_do_not_depend_on_what_else_the_machine_does(tmp_path: Path, busy: None) -> None:
    assert marked(tmp_path, WORKS.format(seconds=0.7 * LIMIT)) == (3.0, "graded")


@pytest.mark.slow
def test_too_much_work_is_too_much_on_an_idle_machine_and_on_a_busy_one(
    tmp_path: Path, busy: None
) -> None:
    assert marked(tmp_path, WORKS.format(seconds=3 * LIMIT)) == (0.0, "timeout")


@pytest.mark.slow
def test_seconds_in_which_the_grader_draws_cases_are_not_the_students(tmp_path: Path) -> None:
    slow = f"""


quick = some_numbers


def some_numbers(rng, variant):
    __import__("time").sleep({LIMIT + 1})
    assert __import__("torch").get_num_threads() == 1
    return quick(rng, variant)
"""
    assert marked(tmp_path, ANSWER, slow) == (3.0, "graded")
