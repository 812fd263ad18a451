"""The command line: `cs826tl lab`, `fetch`, `doctor`, and for lecturers `release` and `grade`."""

import argparse
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cs826tl import course
from cs826tl.assets.cache import ASSETS, FIRST_LECTURES, cache_dir, fetch, is_available
from cs826tl.doctor import examine, report


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 1 with one line of why, 130 on Ctrl-C."""
    arguments = _parser().parse_args(argv)
    try:
        if arguments.command == "lab":
            return _lab(arguments.folder, arguments.no_browser)
        if arguments.command == "fetch":
            return _fetch(arguments.names, arguments.all, arguments.list)
        if arguments.command in ("release", "grade"):
            from cs826tl.grading import commands  # heavy, and only lecturers need it

            run = commands.run_release if arguments.command == "release" else commands.run_grade
            return run(arguments, course.notebooks_dir() / "exercises")
        return _doctor()
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        print(f"cs826tl: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("cs826tl: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cs826tl", description="Transfer learning, hands on.")
    total = sum(asset.megabytes for asset in ASSETS.values()) / 1000
    commands = parser.add_subparsers(dest="command", required=True)
    lab = commands.add_parser("lab", help="open the course in JupyterLab")
    lab.add_argument("--folder", type=Path, help="put your own copy of the notebooks there")
    lab.add_argument("--no-browser", action="store_true", help="only start the server")
    get = commands.add_parser("fetch", help="download weights and data into the cache")
    what = get.add_mutually_exclusive_group()
    what.add_argument("names", nargs="*", default=[], metavar="NAME", help="see --list")
    what.add_argument("--all", action="store_true", help=f"everything, {total:.1f} GB")
    what.add_argument("--list", action="store_true", help="say what there is, download nothing")
    _add_release(commands.add_parser("release", help="write the students' copies of the exercises"))
    _add_grade(commands.add_parser("grade", help="mark a folder of submissions"))
    commands.add_parser("doctor", help="say what this machine has, and the fix for what it lacks")
    return parser


def _add_release(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    _add_cohort(parser)
    parser.add_argument("--nbgrader", action="store_true", help="with nbgrader's metadata too")


def _add_grade(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("submissions", type=Path, help="the folder with one folder a student")
    parser.add_argument("--out", type=Path, required=True, help="the folder of the report")
    _add_cohort(parser)
    parser.add_argument("--by-hand", type=Path, help="the filled-in REPORT/by_hand.csv")
    parser.add_argument("--jobs", type=int, default=-1, help="processes; as many as cores")
    parser.add_argument("--cluster", help="address of a Dask scheduler, tcp://HOST:PORT")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds a step; 60")
    parser.add_argument("--unsandboxed", action="store_true", help="run student code unprotected")


def _add_cohort(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--exercise", nargs="+", metavar="NN_slug", help="only these")
    parser.add_argument("--roster", type=Path, help="CSV with a column `student`")
    parser.add_argument("--key-file", type=Path, help="the secret that draws the variants")


def _lab(folder: Path | None, no_browser: bool) -> int:
    """Open JupyterLab: on the checkout's own notebooks, else on a copy of the packaged ones."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise ImportError("JupyterLab is not installed: run `pip install 'cs826tl[lab]'`")
    if folder is None and course.notebooks_dir() == course.CHECKOUT:
        folder = course.CHECKOUT
    else:
        folder = folder or Path("cs826tl-notebooks")
        for path in course.copy_notebooks(folder):
            print(f"kept as you changed it: {path}")
    from jupyterlab.labapp import LabApp

    # Threads of a kernel wait for each other in a loop, by default so long that training is slow on
    # a machine that has other work. What shorter waiting gains and costs: benchmarks/README.md.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    options = ["--no-browser"] if no_browser else []
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # as in a container, where Jupyter refuses
        options.append("--allow-root")
    start = "--LabApp.default_url=/lab/tree/00_start_here.ipynb"
    LabApp.launch_instance([f"--ServerApp.root_dir={folder.absolute()}", start, *options])
    return 0


def _fetch(names: list[str], every: bool, listing: bool) -> int:
    if listing:
        print("\n\n".join(_describe(name) for name in ASSETS))
    else:
        wanted = ASSETS if every else names or FIRST_LECTURES
        fetch(*wanted)
        print(f"in {cache_dir()}: {', '.join(wanted)}")
    return 0


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
