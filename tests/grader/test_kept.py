"""Kept marks: they count only while nothing that they rest on has changed."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import cs826tl_grader.marking.cohort as keeping
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.marking.cohort import Cohort, Marks, grade
from cs826tl_grader.marking.marks import Mark, Marking
from cs826tl_grader.sandbox.backends import NoSandbox, backend
from tests.grader.submissions import ANSWER, COURSE, EXERCISE, hand_in, notebook


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    """A course of one's own, so that its rubric can be edited, and one student in it."""
    try:
        how = backend()  # without one, root would need an installation that others may read
    except NoSandbox as problem:
        pytest.skip(str(problem))
    shutil.copytree(COURSE, tmp_path / "course", ignore=shutil.ignore_patterns("__pycache__"))
    hand_in(tmp_path / "in", "ada", notebook([ANSWER]))
    exercise = Exercise(tmp_path / "course" / f"{EXERCISE}.ipynb")
    return Cohort(tmp_path / "in", tmp_path / "out", (exercise,), how=how)


def points(marks: Marks) -> float:
    return marks["ada", EXERCISE][0].points


@pytest.mark.slow
def test_an_edited_rubric_is_graded_by_in_the_same_process(cohort: Cohort) -> None:
    assert points(grade(cohort)) == 3
    rubric = cohort.exercises[0].path.with_suffix(".py")
    before = rubric.stat()
    edited = rubric.read_text().replace("x * factor + 1", "x * factor + 2")
    rubric.write_text(edited)
    os.utime(rubric, ns=(before.st_atime_ns, before.st_mtime_ns))  # as within one second
    assert points(grade(cohort)) == 0  # the same cohort, the same worker
    assert points(grade(replace(cohort, exercises=(Exercise(cohort.exercises[0].path),)))) == 0
    rubric.write_text(edited.replace("x * factor + 2", "x * factor + 1"))
    assert points(grade(cohort)) == 3


def state(cohort: Cohort) -> str:
    exercise = Exercise(cohort.exercises[0].path)
    return keeping._state(cohort, "ada", exercise, cohort.submission("ada", exercise.name))


def test_the_state_changes_with_all_that_marks_rest_on(
    cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = [state(cohort)]
    for change in ({"timeout": 61.0}, {"how": "another"}, {"key": b"0123456789abcdef"}):
        states.append(state(replace(cohort, **change)))
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "_grader", lambda: b"another version")
        states.append(state(cohort))
    assert state(cohort) == states[0]
    path = cohort.exercises[0].path
    for edited in (path, path.with_suffix(".py"), cohort.submissions / "ada" / path.name):
        edited.write_bytes(edited.read_bytes() + b"\n")
        states.append(state(cohort))
    submission = cohort.submissions / "ada" / path.name
    submission.rename(submission.with_suffix(".ipynb.txt"))
    states.append(state(cohort))
    assert len(set(states)) == len(states)


def test_the_graders_digest_follows_the_librarys_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = keeping._grader.__wrapped__()
    assert keeping._grader.__wrapped__() == before
    monkeypatch.setattr(keeping, "version", lambda name: f"{name} 99")
    assert keeping._grader.__wrapped__() != before


def test_who_hands_in_again_meets_other_hidden_cases(
    cohort: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def note_cases(_: object, marking: Marking, __: object) -> list[Mark]:
        drawn.append(repr(marking.cases(marking.exercise.rubric["scale"])))
        return []

    monkeypatch.setattr(keeping, "mark_submission", note_cases)
    monkeypatch.setattr(keeping, "_sandbox", lambda _: None)
    content = json.dumps(notebook([ANSWER]))
    for handed_in in (content, f"{content}\n", content):
        hand_in(cohort.submissions, "ada", handed_in)
        keeping._mark(cohort, "ada", cohort.exercises[0].path, b"secret")
    assert drawn[0] == drawn[2] != drawn[1]


@pytest.mark.slow
def test_another_time_limit_grades_again_and_the_same_does_not(cohort: Cohort) -> None:
    grade(cohort)
    (kept,) = (cohort.report / ".marks").glob("*.json")
    before = kept.stat().st_mtime_ns
    grade(cohort)
    assert kept.stat().st_mtime_ns == before
    grade(replace(cohort, timeout=61.0))
    assert kept.stat().st_mtime_ns > before
