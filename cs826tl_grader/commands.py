"""`cs826tl release`, `receive`, `grade` and `quiz`: from the command line's arguments to files."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections import Counter
from pathlib import Path

from cs826tl.assets.cache import FIRST_LECTURES
from cs826tl_grader.autograders.packing import pack_classroom50, pack_gradescope
from cs826tl_grader.exercise.release import release
from cs826tl_grader.exercise.source import Exercise, find_exercises
from cs826tl_grader.exercise.variants import read_key
from cs826tl_grader.marking.by_hand import merge_by_hand, write_by_hand
from cs826tl_grader.marking.cohort import Cohort, grade, report_secret
from cs826tl_grader.marking.handed_in import find_notebook, students_and_refused
from cs826tl_grader.marking.receiving import open_second_stages, second_stage_of
from cs826tl_grader.plain.tables import read_roster
from cs826tl_grader.plain.writing import write_bytes, write_text, zipped
from cs826tl_grader.platforms.intake import Received, collect, receive, write_back, write_returns
from cs826tl_grader.quizzes.gift import to_gift
from cs826tl_grader.quizzes.lectures import lectures_with_quiz
from cs826tl_grader.quizzes.qti import to_qti
from cs826tl_grader.report.tables import write_received, write_report
from cs826tl_grader.report.viva import write_viva
from cs826tl_grader.sandbox.backends import backend, in_sight

RUBRICS_NEED = tuple(name for name in FIRST_LECTURES if name != "cifar10")  # no rubric reads that
BOUNDS = {  # what holds, said before anything runs
    "bubblewrap": "confined by bubblewrap; a watch sums up memory and processes",
    "sandlock": (
        "confined by sandlock, the weaker choice: a submission can guess names of files outside "
        "and see command lines; a watch sums up memory, processes and disk"
    ),
    "none": "--unsandboxed: nothing confines what students wrote, but it never runs as root",
}


def run_release(arguments: argparse.Namespace, folder: Path) -> int:
    """Write the students' copies."""
    roster, key = _secrets(arguments)
    exercises = find_exercises(folder, arguments.exercise)
    if not (arguments.out or arguments.gradescope or arguments.classroom50):
        raise ValueError("say where to write: --out, --gradescope or --classroom50")
    if key is None or arguments.classroom50:
        exercises = _without_predictions(exercises, arguments.exercise)
    if arguments.out:
        written = release(exercises, arguments.out, roster, key, arguments.nbgrader)
        print(f"{len(written)} notebooks in {arguments.out}")
    if arguments.gradescope:
        given = {"roster.csv": arguments.roster, "course.key": arguments.key_file}
        secrets = {name: path for name, path in given.items() if path}
        pack_gradescope(arguments.gradescope, exercises, RUBRICS_NEED, secrets)
        print(f"{arguments.gradescope} holds the rubrics: upload it, and give it to nobody else")
    if arguments.classroom50:
        pack_classroom50(arguments.classroom50, exercises)
        print(f"{arguments.classroom50} tries public examples only: marks come from `grade`")
    return 0


def _without_predictions(exercises: list[Exercise], named: list[str] | None) -> list[Exercise]:
    """Leave out what needs receipts, and say so; `ValueError` where it was asked for by name."""
    sealed = [exercise for exercise in exercises if exercise.rubric.predictions]
    if sealed and named:
        raise ValueError(
            f"{sealed[0].name} asks for predictions before stage two: release it with --out, "
            "--roster and --key-file"
        )
    for exercise in sealed:
        print(f"left out: {exercise.name}, which needs --out, --roster and --key-file")
    return [exercise for exercise in exercises if not exercise.rubric.predictions]


def run_receive(arguments: argparse.Namespace, folder: Path) -> int:
    """Give receipts for the predictions that came in, and write the copies that they open."""
    received, cohort = _cohort(arguments, folder)
    asking = tuple(e for e in cohort.exercises if e.rubric.predictions)
    if not asking:
        raise ValueError("nothing that was handed in asks for predictions: see --exercise")
    cohort = dataclasses.replace(cohort, exercises=asking)
    rows = open_second_stages(grade(cohort, arguments.jobs), cohort)
    counts = Counter(status for *_, status, _ in rows)
    print(", ".join(f"{number} {status}" for status, number in counts.most_common()))
    if received:
        write_received(received.rows, cohort.report)
        copies = {
            student: [
                place
                for e in cohort.exercises
                if (place := second_stage_of(cohort, student, e.name)).exists()
            ]
            for student in received.counted
        }
        print(f"to give back: {write_back(received, copies, {}, cohort.report)}")
    print(f"receipts in {cohort.report / 'receipts.csv'}, copies of stage two beside it")
    return 0


def run_grade(arguments: argparse.Namespace, folder: Path) -> int:
    """Mark every submission, and write the report."""
    received, cohort = _cohort(arguments, folder)
    marks = found = grade(cohort, arguments.jobs, arguments.cluster, arguments.again)
    if arguments.by_hand:
        marks = merge_by_hand(found, arguments.by_hand)
    exercises = {exercise.name: exercise for exercise in cohort.exercises}
    write_by_hand(found, exercises, cohort.report / "by_hand.csv", arguments.by_hand)
    refused = students_and_refused(cohort.submissions)[1]
    rows = received.rows if received else ()
    write_report(marks, cohort.report, arguments.unsandboxed, refused, rows)
    counts = Counter(mark.status for one in marks.values() for mark in one)
    print(f"{len(marks)} submissions; " + ", ".join(f"{n} {s}" for s, n in counts.most_common()))
    if failed := sum(any(mark.failure for mark in one) for one in marks.values()):
        print(
            f"{failed} of them could not be graded: the report says why; the next run tries again"
        )
    if refused:
        print(f"{len(refused)} entries of the folder belong to no student; the report names them")
    if arguments.viva:
        sheets = write_viva(marks, cohort, report_secret(cohort.report))
        print(f"{sheets} sheets of questions in {cohort.report / 'viva'}: for the examiner only")
    if received:
        print(f"to give back: {write_returns(received, marks, cohort.report)}")
    print(f"open {cohort.report / 'report.html'}")
    return 0


def export_quizzes(gift: Path | None, qti: Path | None) -> int:
    """Write the quizzes of all lectures and return the number of their questions.

    A file that is there already is replaced. Nobody but you may read what is written: it holds the
    answers. Raises ValueError where neither file is named.
    """
    if not (gift or qti):
        raise ValueError("say where to write: --gift or --qti")
    lectures = lectures_with_quiz()
    if gift:
        write_text(gift, to_gift(lectures))
    if qti:
        write_bytes(qti, zipped(to_qti(lectures)))
    return sum(len(lecture.questions) for lecture in lectures)


def _cohort(arguments: argparse.Namespace, folder: Path) -> tuple[Received | None, Cohort]:
    """Return what a platform's archive holds, if it is one, and whom to mark, and how."""
    if sys.platform != "linux":  # with or without a sandbox, it counts on Linux's process control
        raise RuntimeError("grading needs Linux: use a Linux machine, a container or WSL")
    if arguments.timeout <= 0:
        raise ValueError(f"--timeout {arguments.timeout:g}: must be a number of seconds above 0")
    roster, key = _secrets(arguments)
    how = "none" if arguments.unsandboxed else backend()
    print(BOUNDS[how])
    received = _received(arguments)
    submissions = (received.folder if received else arguments.submissions).resolve()
    cohort = Cohort(
        submissions=submissions,
        report=arguments.out.resolve(),
        exercises=_handed_in(arguments.exercise, submissions, folder),
        roster=tuple(roster),
        key=key,
        how=how,
        timeout=arguments.timeout,
        troubled=received.troubled if received else {},
    )
    return received, cohort


def _secrets(arguments: argparse.Namespace) -> tuple[list[str], bytes | None]:
    if arguments.key_file and in_sight([arguments.key_file.resolve()]):
        raise ValueError(f"{arguments.key_file} lies where submissions must read: move it")
    rows = read_roster(arguments.roster) if arguments.roster else []
    key = read_key(arguments.key_file) if arguments.key_file else None
    return [row["student"] for row in rows], key


def _received(arguments: argparse.Namespace) -> Received | None:
    """Return what a platform's archive holds, or None for a plain folder, which stays as it is."""
    what, work, roster = arguments.submissions, arguments.out / ".received", arguments.roster
    if (what is None) == (arguments.collect is None):
        raise ValueError("grade either an archive or folder, or --collect '/home/{student}/…'")
    if arguments.collect:
        received = collect(arguments.collect, work, roster)
    elif came := receive(what, work, roster, arguments.people):
        received = came
    else:
        return None
    found = Counter(row.status for row in received.rows)
    counted = ", ".join(f"{number} {status}" for status, number in found.items())
    print(f"{received.platform.title}: {counted}")
    return received


def _handed_in(names: list[str] | None, submissions: Path, folder: Path) -> tuple[Exercise, ...]:
    """Return the exercises that were named, or else all that at least one student handed in."""
    exercises = find_exercises(folder, names)
    if names:
        return tuple(exercises)
    folders = [submissions / s for s in students_and_refused(submissions)[0]]
    found = tuple(e for e in exercises if any(_holds(folder, e.name) for folder in folders))
    if not found:
        raise ValueError(f"no submission in {submissions}: it should hold <student>/NN_slug.ipynb")
    return found


def _holds(folder: Path, exercise: str) -> bool:
    return not folder.is_symlink() and find_notebook(folder, exercise).status != "missing"
