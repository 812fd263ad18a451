"""A Dask cluster: who may reach it, and what is left when a part of it is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from cs826tl.grading.marking.cluster import cluster_at, is_closed
from cs826tl.grading.sandbox.backends import NoSandbox, backend
from tests.grading.submissions import ANSWER, grades, hand_in, notebook

pytest.importorskip("distributed")

PATIENCE = 180  # seconds
STUDENTS = 8
LOOPBACK = ("--host", "127.0.0.1", "--no-dashboard")


@pytest.mark.parametrize(
    ("address", "closed"),
    [
        ("tcp://127.0.0.1:8786", True),
        ("127.0.0.1:8786", True),
        ("tcp://localhost:8786", True),
        ("tcp://[::1]:8786", True),
        ("tls://10.0.0.7:8786", True),
        ("tcp://10.0.0.7:8786", False),
        ("tcp://0.0.0.0:8786", False),
        ("tcp://[2001:db8::1]:8786", False),
        ("tcp://localhost.example.org:8786", False),
        ("ws://10.0.0.7:8786", False),
        ("10.0.0.7:8786", False),
    ],
)
def test_only_loopback_and_tls_keep_strangers_out(address: str, closed: bool) -> None:
    assert is_closed(address) == closed


def test_an_open_scheduler_is_refused_before_anything_is_sent() -> None:
    refused = pytest.raises(ValueError, match=r"reaches tcp://10\.0\.0\.7:8786 can run.*tls://")
    with refused, cluster_at("tcp://10.0.0.7:8786"):
        pytest.fail("work would be sent")


class Cluster:
    """A scheduler and workers as a lecturer starts them, on loopback."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / f"scheduler-{time.monotonic_ns()}.json"
        self._file_option = ("--scheduler-file", str(self._file))
        self._started: list[psutil.Popen] = []

    def start(self, what: str, *options: str) -> psutil.Popen:
        command = [sys.executable, "-m", "distributed.cli.dask_" + what, *options]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._started.append(psutil.Popen([*command, *self._file_option], **quiet))
        return self._started[-1]

    def __enter__(self) -> "Cluster":
        self.scheduler = self.start("scheduler", *LOOPBACK, "--port", "0")
        wait_for(self._file.exists)
        self.nanny = self.start("worker", *LOOPBACK, "--nthreads", "1", "--nworkers", "2")
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._started:
            for one in [*process.children(recursive=True), process] if process.is_running() else []:
                one.kill()
            process.wait()

    @property
    def address(self) -> str:
        return str(json.loads(self._file.read_text())["address"])

    def workers(self) -> list[psutil.Process]:
        return [p for p in self.nanny.children() if "spawn_main" in " ".join(p.cmdline())]


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    try:
        backend()
    except NoSandbox as problem:
        pytest.skip(str(problem))
    with Cluster(tmp_path) as cluster:
        yield cluster


def grading(folder: Path, *options: str) -> subprocess.Popen[str]:
    """Start to grade `folder/in` as a lecturer does, with a client that soon gives up."""
    words = ["grade", str(folder / "in"), "--out", str(folder / "out"), *options]
    code = (
        "import sys\nfrom cs826tl import cli, course\n"
        "from tests.grading.submissions import COURSE\n"
        "course.exercises_dir = lambda: COURSE\n"
        f"sys.exit(cli.main({words!r}))"
    )
    soon = {"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s", "TQDM_DISABLE": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | soon,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def marked(folder: Path) -> dict[str, int]:
    """Return the files of marks, and when each was written."""
    return {p.name: p.stat().st_mtime_ns for p in (folder / "out" / ".marks").glob("*.json")}


@pytest.mark.slow
def test_a_killed_worker_costs_nothing_and_a_killed_scheduler_only_what_was_not_marked(
    cluster: Cluster, tmp_path: Path
) -> None:
    for k in range(STUDENTS):
        hand_in(tmp_path / "in", f"s{k}", notebook([ANSWER.replace("+ 1", f"+ {k % 2}")]))
    first = grading(tmp_path, "--cluster", cluster.address)
    wait_for(lambda: len(marked(tmp_path)) >= 1)
    cluster.workers()[0].send_signal(signal.SIGKILL)
    wait_for(lambda: len(marked(tmp_path)) >= 3)
    cluster.scheduler.kill()
    said, problem = first.communicate(timeout=PATIENCE)
    assert first.returncode == 1, problem
    assert "Dask: the scheduler and 2 workers listen on loopback only" in said
    (line,) = (line for line in problem.splitlines() if line.startswith("cs826tl: "))
    assert "is lost: what is marked is kept; start the cluster, and run the same" in line
    kept = marked(tmp_path)
    assert 3 <= len(kept) < STUDENTS
    with Cluster(tmp_path) as another:
        second = grading(tmp_path, "--cluster", another.address)
        wait_for(lambda: len(marked(tmp_path)) > len(kept))
        another.workers()[0].send_signal(signal.SIGKILL)
        said, problem = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0, problem
    assert {name: when for name, when in marked(tmp_path).items() if name in kept} == kept
    found = grades(tmp_path / "out")
    points = [found[f"s{k}", "scale"]["points"] for k in range(STUDENTS)]
    assert points == ["0", "3"] * (STUDENTS // 2)
