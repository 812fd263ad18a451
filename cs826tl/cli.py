"""The command line: `cs826tl lab`, `fetch`, `doctor`; for lecturers `prepare`, `grade`, others."""

import argparse
import contextlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from cs826tl import course
from cs826tl.assets.cache import ASSETS, FIRST_LECTURES, LECTURES, fetch, is_available, places
from cs826tl.bundle import bundle
from cs826tl.doctor import examine, report
from cs826tl.prepare import prepare

KERNELS_WAIT_BRIEFLY = {"GOMP_SPINCOUNT": "1000", "OPENBLAS_NUM_THREADS": "1"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    0 is success, 1 a failure with one line of why, 130 Ctrl-C, 141 a reader such as `head` that
    has seen enough.
    """
    try:
        status = _run(_parser().parse_args(argv))
        sys.stdout.flush()  # here, where a pipe that is closed can be caught
        return status
    except BrokenPipeError:
        with contextlib.suppress(OSError):  # what Python flushes at exit has to go somewhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        print(f"cs826tl: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("cs826tl: interrupted", file=sys.stderr)
        return 130


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "lab":
        return _lab(arguments.folder, arguments.no_browser)
    if arguments.command == "fetch":
        return _fetch(arguments)
    if arguments.command in ("release", "receive", "grade"):
        run = getattr(_grader("commands"), f"run_{arguments.command}")
        return int(run(arguments, course.exercises_dir()))
    if arguments.command == "quiz":
        return _quiz(arguments.gift, arguments.qti)
    if arguments.command == "bundle":
        return _bundle(arguments.out)
    if arguments.command == "prepare":
        return _prepare(arguments)
    return _doctor()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cs826tl", description="Transfer learning, hands on.")
    parser.add_argument("--version", action="version", version=f"cs826tl {version('cs826tl')}")
    commands = parser.add_subparsers(dest="command", required=True)
    lab = commands.add_parser("lab", help="open the course in JupyterLab")
    lab.add_argument("--folder", type=Path, help="work on a copy of the notebooks there")
    lab.add_argument("--no-browser", action="store_true", help="only start the server")
    _add_fetch(commands.add_parser("fetch", help="download weights and data into the cache"))
    _add_release(commands.add_parser("release", help="write the students' copies of the exercises"))
    receive = "give receipts for predictions, and write the copies that they open"
    _add_handed_in(commands.add_parser("receive", help=receive))
    _add_grade(commands.add_parser("grade", help="mark what a class handed in"))
    _add_quiz(commands.add_parser("quiz", help="write all quizzes for Moodle, or for Canvas"))
    _add_prepare(commands.add_parser("prepare", help="fill the folder that a class shares"))
    stick = commands.add_parser("bundle", help="write a folder that needs no network")
    stick.add_argument("out", type=Path, help="the folder to write")
    commands.add_parser("doctor", help="say what this machine has, and the fix for what it lacks")
    return parser


def _add_fetch(parser: argparse.ArgumentParser) -> None:
    total, small = _megabytes(ASSETS) / 1000, _megabytes(FIRST_LECTURES)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("names", nargs="*", default=[], metavar="NAME", help="see --list")
    what.add_argument("--all", action="store_true", help=f"everything, {total:.1f} GB")
    enough = f"what the first lectures and the exercises need, {small:.0f} MB"
    what.add_argument("--small", action="store_true", help=enough)
    what.add_argument("--list", action="store_true", help="say what there is; download nothing")
    how = "take NAME from a file that you downloaded yourself"
    parser.add_argument("--from", type=Path, dest="from_file", metavar="FILE", help=how)


def _add_prepare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="what CS826TL_SHARED will name for every student")
    parser.add_argument("names", nargs="*", metavar="NAME", help="assets besides the lectures' own")
    parser.add_argument("--lecture", nargs="+", default=[], metavar="NN_slug", help="only these")


def _add_release(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, help="the folder to write")
    uploaded = "write an autograder for Gradescope, with the rubrics in it"
    parser.add_argument("--gradescope", type=Path, metavar="OUT.zip", help=uploaded)
    shown = "write an autograder for Classroom 50, with nothing but public examples"
    parser.add_argument("--classroom50", type=Path, metavar="FOLDER", help=shown)
    _add_cohort(parser)
    parser.add_argument("--nbgrader", action="store_true", help="with nbgrader's metadata too")


def _add_handed_in(parser: argparse.ArgumentParser) -> None:
    what = "a platform's archive, as you downloaded it, or a folder with one folder per student"
    parser.add_argument("submissions", type=Path, nargs="?", metavar="WHAT", help=what)
    homes = "take the notebooks from such folders instead, as '/home/{student}/cs826tl/exercises'"
    parser.add_argument("--collect", metavar="PATTERN", help=homes)
    people = "the platform's own list of people (CSV), which tells its ids from the roster's"
    parser.add_argument("--people", type=Path, metavar="LIST", help=people)
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    _add_cohort(parser)
    jobs = "processes; default: one per core; 0: this one alone, to debug a rubric"
    parser.add_argument("--jobs", type=int, default=-1, help=jobs)
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds per step; default: 60")
    parser.add_argument("--unsandboxed", action="store_true", help="run student code unprotected")


def _add_grade(parser: argparse.ArgumentParser) -> None:
    _add_handed_in(parser)
    parser.add_argument("--by-hand", type=Path, help="the filled-in REPORT/by_hand.csv")
    anew = "mark these students anew, though nothing changed"
    parser.add_argument("--again", nargs="+", default=[], metavar="STUDENT", help=anew)
    talk = "write three questions on each student's own answers, for a talk"
    parser.add_argument("--viva", action="store_true", help=talk)
    parser.add_argument("--cluster", help="address of a Dask scheduler, tcp://HOST:PORT")


def _add_quiz(parser: argparse.ArgumentParser) -> None:
    moodle = "for Moodle: a text in GIFT, one category per lecture; a file there is replaced"
    parser.add_argument("--gift", type=Path, metavar="OUT.txt", help=moodle)
    canvas = "for Canvas and others: a package of QTI 1.2, one quiz per lecture; likewise"
    parser.add_argument("--qti", type=Path, metavar="OUT.zip", help=canvas)


def _add_cohort(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--exercise", nargs="+", metavar="NN_slug", help="only these")
    parser.add_argument("--roster", type=Path, help="CSV with a column `student`")
    parser.add_argument("--key-file", type=Path, help="the secret that draws the variants")


def _lab(wanted: Path | None, no_browser: bool) -> int:
    """Open JupyterLab on the checkout's own notebooks, if you may write to them, or on a copy."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise ImportError("JupyterLab is not installed: run `pip install 'cs826tl[lab]'`")
    folder = course.folder_to_open(wanted)
    if folder is None:
        folder = course.CHECKOUT
    else:
        for path in course.copy_notebooks(folder):
            print(f"kept as you changed it: {path}")
    from jupyterlab.labapp import LabApp

    # A kernel's threads wait for each other in a busy loop. The default wait is so long that
    # training crawls on a machine with other work, and on small matrices NumPy waits longer than
    # it computes. benchmarks/README.md has the measurements.
    for name, value in KERNELS_WAIT_BRIEFLY.items():
        os.environ.setdefault(name, value)
    options = ["--no-browser"] if no_browser else []
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # as in a container, where Jupyter refuses
        options.append("--allow-root")
    start = "--LabApp.default_url=/lab/tree/00_start_here.ipynb"
    LabApp.launch_instance([f"--ServerApp.root_dir={folder.absolute()}", start, *options])
    return 0


def _fetch(arguments: argparse.Namespace) -> int:
    if arguments.list:
        print("\n\n".join(_describe(name) for name in ASSETS))
        return 0
    unnamed = ASSETS if arguments.all else FIRST_LECTURES if arguments.small else LECTURES
    wanted = arguments.names or unnamed
    fetch(*wanted, from_file=arguments.from_file)
    print(f"in {' or '.join(map(str, places()))}: {', '.join(wanted)}")
    return 0


def _prepare(arguments: argparse.Namespace) -> int:
    failed = prepare(arguments.folder, arguments.names, arguments.lecture)
    print(f"give every user CS826TL_SHARED={arguments.folder.absolute()}")
    return 1 if failed else 0


def _quiz(gift: Path | None, qti: Path | None) -> int:
    questions = _grader("commands").export_quizzes(gift, qti)
    written = " and ".join(str(path) for path in (gift, qti) if path)
    print(f"{questions} questions in {written}, with the answers: keep it from students")
    return 0


def _grader(module: str) -> ModuleType:
    """Import a part of the grader, which is heavy and for lecturers only; say how to install it."""
    try:
        return importlib.import_module(f"cs826tl_grader.{module}")
    except ModuleNotFoundError as error:
        if (error.name or "cs826tl").startswith("cs826tl"):
            raise
        raise ImportError(
            f"{error.name} is not installed, and grading needs it: "
            "run `pip install 'cs826tl[grade]'`"
        ) from error


def _bundle(out: Path) -> int:
    bundle(out)
    print(f"in {out}: copy it to a machine of the same kind, and run `make lab` there")
    return 0


def _megabytes(names: Iterable[str]) -> float:
    return sum(ASSETS[name].megabytes for name in names)


def _describe(name: str) -> str:
    asset = ASSETS[name]
    state = "there" if is_available(name) else "not there"
    return "\n    ".join(
        [
            f"{name}  ({asset.megabytes:.1f} MB, {state})",
            asset.what,
            f"licence:  {asset.licence}",
            f"citation: {asset.citation}",
            f"source:   {asset.source}",
        ]
    )


def _doctor() -> int:
    checks = examine()
    print(report(checks))
    return 0 if all(check.ok for check in checks if check.required) else 1
