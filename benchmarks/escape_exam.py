"""An exam for graders: harmless attacks, and who stops them without losing an honest mark.

    python -m benchmarks.escape_exam [--nbgrader VENV] [--otter VENV]

Every attack tries one thing that a submission must not do, leaves nothing behind, and answers right
only if it succeeded: a point is the mark that one can see. Two leave a file in the folder of the
exam instead. After each attack comes an honest copy in one of the forms in which people write the
right answer, which must get its points. Ours sits the exam with each backend that works here; run
it once as root and once as an ordinary user. The others sit it where they are installed, without
what an institution may put around them, such as containers. What counts beside the time: the points
that attacks gained, and those that honest forms lost.
Unconfined, the attacks on memory, on other processes and on the kernel would not be harmless, so
graders without a sandbox get the others only.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import socket
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from pathlib import Path

from benchmarks.grading import hand_in
from benchmarks.other_graders import Answers, NBGrader, Otter
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.marking.cohort import Cohort, grade
from cs826tl_grader.sandbox.backends import NoSandbox, backend

ROOT = Path(__file__).resolve().parents[1]
OWN = ROOT / "benchmarks" / "escapes"
CORPUS = ROOT / "tests" / "grader" / "attacks"
SHARED = (  # of the tests' corpus, right only if they succeed; harmless only where confined
    "changes_files_outside", "files_in_memory", "kernel_settings", "memory_of_the_dead",
    "namespaces_of_its_own", "promised_disk", "rights_of_root", "roots_of_other_processes",
    "runs_as_root", "settings_of_other_processes", "shared_memory", "slows_its_parent",
    "watches_folders",
)  # fmt: skip
LEFT_BEHIND = {
    "process_left_behind": "stayed",
    "file_outside": "was-here",
}  # and which file shows it
STAYS = 12.0  # seconds after which a process that was left behind has shown itself
HONEST = (  # right, each in a form that people hand in
    "def scale(x, factor):\n    return x * factor + 1",
    "scale = lambda x, factor: x * factor + 1",
    "%time scale = lambda x, f: x * f + 1",
    "%matplotlib inline\nimport matplotlib\n\ndef scale(x, factor):\n    return x * factor + 1",
    "def scale(x, factor):\n    return x * factor + 1\n\nprint(scale(1))  # not finished",
    "raise RuntimeError('data.csv is missing')\n\ndef scale(x, by):\n    return x * by + 1",
    "def scale(x, factor):\n    return x * factor + 1\n\ninput('Go on? ')",
    "import numpy as np\n\n@np.vectorize\ndef scale(x, factor):\n    return x * factor + 1.0",
    "from fractions import Fraction\n\ndef scale(x, f):\n    return Fraction(x) * Fraction(f) + 1",
    "class S:\n    def __call__(self, x, by):\n        return x * by + 1\n\nscale = S()",
    "if True:\n\tdef scale(x, factor):\n\t\treturn x * factor + 1",
    "async def scale(x, factor):\n    return x * factor + 1",
)
Points = Callable[[Sequence[Answers], Path], Mapping[int, float]]


def attacks(folder: Path, port: int, *, confined: bool) -> dict[str, str]:
    """Return the code of every attack, by name, with the exam's folder and port in it."""
    places = [*OWN.glob("*.txt"), *(CORPUS / f"{name}.txt" for name in SHARED if confined)]
    told = {"EXAM": str(folder), "PORT": str(port), "GRADER": str(os.getpid())}
    return {
        place.stem: re.sub(r"EXAM|PORT|GRADER", lambda m: told[m[0]], place.read_text())
        for place in sorted(places, key=lambda place: place.stem)
    }


def sit(points: Points, folder: Path, *, confined: bool) -> dict[str, object]:
    """Return what attacks gained from a grader, and what honest copies lost.

    `points` grades these students in a folder, and returns the points of each.
    """
    (folder / "secret").write_text("nobody's business")
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = attacks(folder, server.getsockname()[1], confined=confined)
        pairs = zip(code.values(), cycle(HONEST), strict=False)
        students = [{"scale": answer} for pair in pairs for answer in pair]
        start = time.perf_counter()
        found = points(students, folder)
        seconds = time.perf_counter() - start
    time.sleep(STAYS)
    most = max(found.values(), default=0.0)
    won = {name for number, name in enumerate(code) if found.get(2 * number, 0.0) > 0}
    won |= {name for name, trace in LEFT_BEHIND.items() if (folder / trace).exists()}
    honest = [found.get(2 * n + 1, 0.0) for n in range(len(code))]
    lost = {HONEST[n % len(HONEST)] for n, got in enumerate(honest) if got < most}
    return {
        "attacks": len(code), "stopped": len(code) - len(won), "not stopped": sorted(won),
        "points gained by attacks": sum(found.get(2 * n, 0.0) for n in range(len(code))),
        "points lost by honest copies": sum(most - got for got in honest),
        "honest copies kept": sum(got == most > 0 for got in honest),
        "forms not kept": sorted(lost), "seconds": round(seconds),
    }  # fmt: skip


def ours(how: str, exercise: Exercise) -> Points:
    """Return a function that grades with our grader, confined as `how` says."""

    def points(students: Sequence[Answers], folder: Path) -> dict[int, float]:
        hand_in(exercise, students, folder / "in")
        cohort = Cohort(folder / "in", folder / "out", (exercise,), how=how, timeout=10.0)
        marks = grade(cohort)
        return {
            int(student[1:]): sum(m.points for m in found) for (student, _), found in marks.items()
        }

    return points


def nbgraders(environment: Path, exercise: Exercise) -> Points:
    """Return a function that grades with nbgrader."""

    def points(students: Sequence[Answers], folder: Path) -> dict[int, float]:
        grader = NBGrader(environment, folder / "nbgrader", exercise)
        grader.prepare(students)
        grader.grade(tolerant=True)
        with grader.export().open(newline="") as stream:
            return {
                int(row["student_id"][1:]): float(row["score"] or 0)
                for row in csv.DictReader(stream)
            }

    return points


def otters(environment: Path, exercise: Exercise) -> Points:
    """Return a function that grades with otter-grader."""

    def points(students: Sequence[Answers], folder: Path) -> dict[int, float]:
        grader = Otter(environment, folder / "otter", exercise)
        grader.prepare(students)
        grader.grade(tolerant=True)
        found = {}
        for number in range(len(students)):
            place = folder / "otter" / f"out{number:03}" / "results.json"
            tests = json.loads(place.read_text())["tests"] if place.exists() else []
            found[number] = sum(float(test.get("score") or 0) for test in tests)
        return found

    return points


def examine(arguments: argparse.Namespace) -> dict[str, dict[str, object]]:
    """Let every grader that works here sit the exam."""
    exercise = Exercise(ROOT / "tests" / "grader" / "course" / "01_scale.ipynb")
    who = "root" if os.geteuid() == 0 else "a user"
    candidates: dict[str, Points] = {}
    results: dict[str, dict[str, object]] = {}
    for how in ("bubblewrap", "sandlock"):
        try:
            candidates[f"cs826tl, {how}, as {who}"] = ours(backend(how), exercise)
        except NoSandbox as problem:
            results[f"cs826tl, {how}, as {who}"] = {"does not run": str(problem)}
    confined = set(candidates)
    if arguments.unsandboxed:
        candidates[f"cs826tl --unsandboxed, as {who}"] = ours("none", exercise)
    if arguments.nbgrader:
        candidates[f"nbgrader, as {who}"] = nbgraders(arguments.nbgrader, exercise)
    if arguments.otter:
        candidates[f"otter-grader, as {who}"] = otters(arguments.otter, exercise)
    for name, points in candidates.items():
        with tempfile.TemporaryDirectory() as folder:
            results[name] = sit(points, Path(folder), confined=name in confined)
    return results


def main() -> None:
    """Hold the exam, and print what came of it as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--nbgrader", type=Path, metavar="VENV")
    parser.add_argument("--otter", type=Path, metavar="VENV")
    parser.add_argument("--unsandboxed", action="store_true", help="ours without a sandbox as well")
    print(json.dumps(examine(parser.parse_args()), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
