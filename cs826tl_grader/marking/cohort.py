"""A whole cohort: every submission gets its verdicts once, in parallel, and is kept."""

from __future__ import annotations

import atexit
import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from os.path import isdir, islink  # they say no, not why, to a name that no folder can have
from pathlib import Path
from typing import Any

import joblib

import cs826tl_grader
from cs826tl.progress import progress_bar
from cs826tl_grader.exercise.release import require_key
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.exercise.variants import variant_of
from cs826tl_grader.marking.cluster import done_at
from cs826tl_grader.marking.handed_in import Found, find_notebook, students_and_refused
from cs826tl_grader.marking.marks import Mark, Marking, unjudged
from cs826tl_grader.marking.submission import mark_submission
from cs826tl_grader.marking.workers import done_here
from cs826tl_grader.plain.writing import write_text
from cs826tl_grader.sandbox.backends import NoSandbox
from cs826tl_grader.sandbox.isolation import Sandbox
from cs826tl_grader.sandbox.processes import end_with_parent


@dataclass(frozen=True)
class Cohort:
    """What is graded, and how: everything a worker on another machine needs to know."""

    submissions: Path
    report: Path
    exercises: tuple[Exercise, ...]
    roster: tuple[str, ...] = ()
    key: bytes | None = None
    how: str = "none"
    timeout: float = 60.0
    troubled: Mapping[str, str] = field(default_factory=dict)  # whose files could not be received

    def students(self) -> list[str]:
        """Return all that are on the roster or have a folder."""
        return sorted({*self.roster, *students_and_refused(self.submissions)[0]})

    def submission(self, student: str, exercise: str) -> Found:
        """Return what a student handed in for an exercise."""
        folder = self.submissions / student
        if student in self.troubled:
            return Found(None, self.troubled[student], "needs-review")
        if Path(student).name != student or student in ("", ".", "..") or not _is_there(folder):
            return Found(None, "nothing was handed in", "missing")
        return find_notebook(folder, exercise)

    def hidden(self) -> list[Path]:
        """Return the folders that nothing a student wrote may see."""
        return [self.submissions, self.report, *{e.path.parent for e in self.exercises}]


Marks = dict[tuple[str, str], list[Mark]]  # by student and exercise


def grade(
    cohort: Cohort, jobs: int = 0, cluster: str | None = None, again: Sequence[str] = ()
) -> Marks:
    """Mark what has not been marked yet, or is asked for `again`, and return all marks.

    Every finished submission is written down at once, so that an interrupted run goes on where it
    was. So many `jobs` are processes of their own, below 0 one for each core; without any, this
    process does the work, and what ends it ends the run. With `cluster`, the address of a Dask
    scheduler, its workers do the work; they need the same files under the same names. See `done_at`
    for what it raises. Predictions need a key.
    """
    require_key(cohort.exercises, cohort.key)
    secret = report_secret(cohort.report)
    exercises = [_exercise(e.path) for e in cohort.exercises]  # as their files are now
    pairs = [(s, e) for s in cohort.students() for e in exercises]
    if strangers := {*again} - {*cohort.students()}:
        raise ValueError(f"--again {', '.join(sorted(strangers))}: there is no such student")
    marks = {(s, e.name): None if s in again else _kept(cohort, s, e) for s, e in pairs}
    todo = [(s, e) for s, e in pairs if marks[s, e.name] is None]
    with progress_bar("grading", unit=" submissions", total=len(todo)) as bar:
        for student, exercise, found in _work(cohort, todo, secret, jobs, cluster):
            marks[student, exercise] = found
            bar.update(1)
    return {pair: found for pair, found in marks.items() if found is not None}


def _work(
    cohort: Cohort,
    todo: Sequence[tuple[str, Exercise]],
    secret: bytes,
    jobs: int,
    cluster: str | None,
) -> Iterator[tuple[str, str, list[Mark]]]:
    tasks = [(cohort, student, exercise.path, secret) for student, exercise in todo]
    if cluster is not None:
        return done_at(cluster, _mark, tasks, _lost)
    if jobs:
        return done_here(joblib.cpu_count() if jobs < 0 else jobs, _mark, tasks, _lost)
    return (_mark(*task) for task in tasks)


def _mark(cohort: Cohort, student: str, path: Path, secret: bytes) -> tuple[str, str, list[Mark]]:
    """Mark one submission, write its marks down, and return them: what a worker does.

    Whatever fails on one submission is that submission's verdict, and the next run tries it again.
    """
    exercise, sandbox = _exercise(path), _sandbox(cohort)
    marks: list[Mark] = []
    try:
        found = cohort.submission(student, exercise.name)
        # Who hands in again, after an answer that told of its hidden cases, meets others.
        own = hashlib.sha256(secret + _digest(found)).digest()
        variant = variant_of(exercise.rubric, student, cohort.key)
        marking = Marking(exercise, student, variant, own, cohort.timeout, cohort.key)
        marks = mark_submission(found, marking, sandbox)
        if not any(mark.failure for mark in marks):
            kept = {
                "of": _state(cohort, student, exercise, found),
                "marks": list(map(asdict, marks)),
            }
            write_text(_place(cohort, student, exercise), json.dumps(kept))
    except Exception as problem:
        if isinstance(problem, NoSandbox) and not sandbox.worked:
            raise
        sandbox.end()  # the next submission gets a new one
        marks = marks or [unjudged(q, problem) for q in exercise.rubric.questions]
    return student, exercise.name, marks


def _lost(cohort: Cohort, student: str, path: Path, secret: bytes) -> tuple[str, str, list[Mark]]:
    """Return the marks of a submission that ended every worker that tried to mark it."""
    problem = RuntimeError("whoever marks it ends: a rubric may have called what ended its process")
    marks = [unjudged(question, problem) for question in _exercise(path).rubric.questions]
    return student, path.stem, marks


# One sandbox and one copy of every exercise for each worker process: both are slow to make.
_SANDBOXES: dict[tuple[Any, ...], Sandbox] = {}
_EXERCISES: dict[Path, Exercise] = {}


def _sandbox(cohort: Cohort) -> Sandbox:
    key = (cohort.how, *cohort.hidden())
    if key not in _SANDBOXES:
        end_with_parent()
        while _SANDBOXES:  # of another cohort, which this process is done with
            _SANDBOXES.popitem()[1].end()
        _SANDBOXES[key] = Sandbox(cohort.how, cohort.hidden())
        atexit.register(_SANDBOXES[key].end)
    return _SANDBOXES[key]


def _exercise(path: Path) -> Exercise:
    """Return the exercise as its files are now: a worker lives on while a rubric is edited."""
    now = Exercise(path)
    if path not in _EXERCISES or _EXERCISES[path].digest != now.digest:
        _ = now.given  # a rubric that fails on its own examples fails everybody: said at once
        _EXERCISES[path] = now
    return _EXERCISES[path]


def _is_there(folder: Path) -> bool:
    return islink(folder) or isdir(folder)


def _place(cohort: Cohort, student: str, exercise: Exercise) -> Path:
    words = f"{student}\0{exercise.name}".encode(errors="surrogatepass")
    return cohort.report / ".marks" / f"{hashlib.sha256(words).hexdigest()[:32]}.json"


def _kept(cohort: Cohort, student: str, exercise: Exercise) -> list[Mark] | None:
    """Return the marks of an earlier run, if nothing they rest on has changed since."""
    with suppress(Exception):  # whatever is wrong with them, or with the submission, is marked
        kept = json.loads(_place(cohort, student, exercise).read_text("utf-8"))
        found = cohort.submission(student, exercise.name)
        if kept["of"] == _state(cohort, student, exercise, found):
            return [Mark(**mark) for mark in kept["marks"]]
    return None


def _state(cohort: Cohort, student: str, exercise: Exercise, found: Found) -> str:
    """Return a digest of all that the marks rest on."""
    digest = hashlib.sha256(repr((student, cohort.timeout, cohort.how)).encode())
    odd = repr((found.note, found.status)).encode()
    for part in (_grader(), cohort.key or b"", exercise.digest, odd, _digest(found)):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _digest(found: Found) -> bytes:
    return hashlib.sha256(found.content or b"").digest()


@cache
def _grader() -> bytes:
    """Return a digest of the library's version and of the grader's own code."""
    parts = [version("cs826tl").encode()]
    parts += [path.read_bytes() for path in sorted(Path(cs826tl_grader.__path__[0]).rglob("*.py"))]
    return hashlib.sha256(b"\0".join(parts)).digest()


def report_secret(report: Path) -> bytes:
    """Return what this report's hidden cases are drawn under, the same when a run is continued."""
    place = report / ".marks" / "secret"
    if not place.exists():
        write_text(place, secrets.token_hex(32))
    return place.read_text("utf-8").encode()
