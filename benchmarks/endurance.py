"""Does a grading survive? Killed it must end as if undisturbed; exchanges must never hang.

    python -m benchmarks.endurance [--students 300] [--kills 3] [--jobs 2] [--seed 0]
    python -m benchmarks.endurance --exchange 20 [--load 2]

The first grades a cohort of right, wrong, odd and hostile submissions, and says how long it took,
and how much memory all its processes had at most (proportional set size). Then it grades them once
more, kills the grader with `kill -9` at random, looks for processes and folders that are left,
starts it again, and compares the reports byte for byte. The second grades each attack on the
exchange as often as you say while other processes compute, and says how long the slowest took.
"""

from __future__ import annotations

import argparse
import filecmp
import json
import math
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psutil

from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.marking.handed_in import Found
from cs826tl_grader.marking.marks import Marking
from cs826tl_grader.marking.submission import mark_submission
from cs826tl_grader.sandbox.backends import backend
from cs826tl_grader.sandbox.isolation import Sandbox
from tests.grader.submissions import ANSWER, COURSE, EXERCISE, HERE, cells_of, hand_in, notebook

ROOT = Path(__file__).resolve().parents[1]
EXCHANGE = (
    "answers_ahead", "half_an_answer", "hangs_up", "promises_too_much", "reads_ahead",
    "reads_its_answers_back", "takes_nothing", "writes_to_every_descriptor",
)  # fmt: skip
# It races with itself: mostly a wrong answer, sometimes out of time, however it is graded.
RACES = {"reads_ahead"}
SECRET = "the same in both runs, so that hidden cases are the same"
GRADE = """
import sys
from pathlib import Path
from cs826tl_grader.exercise.source import Exercise
from cs826tl_grader.marking.cohort import Cohort, grade
from cs826tl_grader.report.tables import write_report
from cs826tl_grader.sandbox.backends import backend
from tests.grader.submissions import COURSE, EXERCISE

folder, out, jobs, timeout = sys.argv[1:]
exercise = Exercise(COURSE / f"{EXERCISE}.ipynb")
cohort = Cohort(Path(folder), Path(out), (exercise,), how=backend(), timeout=float(timeout))
write_report(grade(cohort, jobs=int(jobs)), Path(out))
"""


def cohort(folder: Path, students: int) -> None:
    """Hand in right, wrong, odd and hostile submissions in turn."""
    odd, hostile = (sorted((HERE / kind).glob("*.txt")) for kind in ("odd", "attacks"))
    hostile = [path for path in hostile if path.stem not in RACES]
    kinds = [
        cycle([[ANSWER]]),
        cycle([[ANSWER.replace("+ 1", f"+ {k}")] for k in (2, 3, 5)]),
        cycle(map(cells_of, odd)),
        cycle(map(cells_of, hostile)),
    ]
    for number, cells in enumerate(islice((next(kind) for kind in cycle(kinds)), students)):
        hand_in(folder, f"s{number:03}", notebook(cells))


def grading(folder: Path, out: Path, jobs: int, timeout: float) -> psutil.Popen:
    """Start the grader on a folder, in a process group and with temporary folders of its own."""
    words = [sys.executable, "-c", GRADE, *map(str, (folder, out, jobs, timeout))]
    own = {"TQDM_DISABLE": "1", "TMPDIR": str(folder.parent / "temporary")}
    return psutil.Popen(words, cwd=ROOT, start_new_session=True, env={**os.environ, **own})


def grade_and_kill(
    folder: Path, out: Path, kills: Sequence[int], jobs: int, timeout: float
) -> dict[str, Any]:
    """Grade a folder, kill the grader at each of `kills` submissions; say what was seen."""
    kept, temporary, peak, start = out / ".marks", folder.parent / "temporary", 0, time.monotonic()
    kept.mkdir(parents=True)
    temporary.mkdir(exist_ok=True)
    (kept / "secret").write_text(SECRET)
    left: dict[str, list[str]] = {"processes": [], "folders": []}
    for due in (*kills, math.inf):
        grader, family = grading(folder, out, jobs, timeout), []
        while grader.poll() is None and len(list(kept.glob("*.json"))) < due:
            family = [grader, *grader.children(recursive=True)]
            peak = max(peak, sum(map(_share, family)))
            time.sleep(0.5)
        if grader.poll() is None:
            os.killpg(grader.pid, signal.SIGKILL)
            print(f"killed after {len(list(kept.glob('*.json')))} submissions", file=sys.stderr)
        elif grader.returncode:
            raise RuntimeError("the grader did not come to its end")
        _, alive = psutil.wait_procs(family, timeout=30)
        left["processes"] += [" ".join(process.cmdline()) for process in alive]
        for _ in range(30):  # what removes them notices the end, and then has to look
            time.sleep(0.5 * any(temporary.iterdir()))
        left["folders"] += [path.name for path in temporary.iterdir()]
    minutes = (time.monotonic() - start) / 60
    return {"minutes": round(minutes, 1), "peak_gb": round(peak / 1e9, 2), "left": left}


def _share(process: psutil.Process) -> int:
    """Return the bytes of a process, those that it shares with others divided among them."""
    with suppress(psutil.Error):
        return int(process.memory_full_info().pss)
    return 0


def differences(one: Path, other: Path) -> list[str]:
    """Return the files of two reports that are not the same, byte for byte."""
    names = {p.relative_to(root) for root in (one, other) for p in root.rglob("*") if p.is_file()}
    visible = [name for name in sorted(names) if name.parts[0] != ".marks"]
    return [
        str(name)
        for name in visible
        if not ((one / name).exists() and (other / name).exists())
        or not filecmp.cmp(one / name, other / name, shallow=False)
    ]


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Keep `processes` processes computing."""
    started = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(processes)]
    for process in started:
        process.start()
    yield
    for process in started:
        process.kill()


def _spin() -> None:
    while True:
        pass


def exchange(repeats: int, load: int, timeout: float) -> dict[str, float]:
    """Return the seconds of each attack on the exchange, the slowest of its repeats."""
    exercise = Exercise(COURSE / f"{EXERCISE}.ipynb")
    marking = Marking(exercise, "ada", {"factor": 2}, SECRET.encode(), timeout)
    slowest = dict.fromkeys(EXCHANGE, 0.0)
    with tempfile.TemporaryDirectory() as folder, busy(load):
        sandbox = Sandbox(backend(), [Path(folder)])
        for name in EXCHANGE:
            cells = cells_of(HERE / "attacks" / f"{name}.txt")
            found = Found(json.dumps(notebook(cells)).encode())
            for _ in range(repeats):
                start = time.perf_counter()
                first, *_ = mark_submission(found, marking, sandbox)
                slowest[name] = max(slowest[name], round(time.perf_counter() - start, 1))
                if first.points:
                    raise RuntimeError(f"{name} got {first}")
        sandbox.end()
    return slowest


def survive(words: argparse.Namespace) -> dict[str, Any]:
    """Return what an undisturbed run took, what a killed one did, and how their reports differ."""
    kills = sorted(random.Random(words.seed).sample(range(1, words.students), words.kills))
    with tempfile.TemporaryDirectory() as place:
        folder, whole, broken = (Path(place) / name for name in ("in", "whole", "broken"))
        cohort(folder, words.students)
        undisturbed = grade_and_kill(folder, whole, (), words.jobs, words.timeout)
        print(json.dumps(undisturbed), file=sys.stderr)
        killed = grade_and_kill(folder, broken, kills, words.jobs, words.timeout)
        return {
            "students": words.students,
            "undisturbed": undisturbed,
            "killed": {"after": kills, **killed},
            "differ": differences(whole, broken),
        }


def main() -> None:
    """Run one of the two, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0, help="of the moments at which it is killed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--exchange", type=int, default=0, metavar="REPEATS")
    parser.add_argument("--load", type=int, default=2, help="processes that compute meanwhile")
    parser.add_argument("--timeout", type=float, default=10.0)
    words = parser.parse_args()
    if words.exchange:
        print(json.dumps(exchange(words.exchange, words.load, words.timeout)))
        return
    print(json.dumps(survive(words)))


if __name__ == "__main__":
    main()
