"""A Dask cluster: who may reach it, and what is left when a part of it is killed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from cs826tl_grader.marking import cluster
from cs826tl_grader.marking.cluster import done_at, is_closed

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")

PATIENCE = 600  # seconds, on a busy machine
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
    with pytest.raises(ValueError, match=r"reaches tcp://10\.0\.0\.7:8786 can run.*tls://"):
        next(done_at("tcp://10.0.0.7:8786", print, [()], print))


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
        with distributed.Client(self.address) as client:
            client.wait_for_workers(2, timeout=PATIENCE)
            wait_for(lambda: {*client.run(status, nanny=True).values()} == {"running"})
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._started:
            for one in [*process.children(recursive=True), process] if process.is_running() else []:
                one.kill()
            process.wait()

    @property
    def address(self) -> str:
        return str(json.loads(self._file.read_text())["address"])


def status(dask_worker: "distributed.Nanny") -> str:
    """Return a nanny's status: one that is not yet running does not replace its worker."""
    return str(dask_worker.status.name)


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)


@pytest.mark.slow
def test_a_killed_worker_costs_nothing_and_a_killed_scheduler_only_what_was_not_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "WAIT", PATIENCE)

    def mark(k: int) -> int:  # as the grader's own: it writes down what is done
        time.sleep(0.1)
        (tmp_path / f"{k}.done").write_text(str(os.getpid()))
        return k

    def work(at: Cluster, todo: set[int]) -> Iterator[int]:
        return done_at(at.address, mark, [(k,) for k in sorted(todo)], print)

    def done() -> set[int]:
        return {int(path.stem) for path in tmp_path.glob("*.done")}

    everything = set(range(200))
    with dask.config.set({"distributed.comm.timeouts.connect": "3s"}), Cluster(tmp_path) as first:
        marks = work(first, everything)
        next(marks)
        first.scheduler.kill()
        with pytest.raises(ConnectionError, match="is lost: what is marked is kept; start the"):
            list(marks)
    kept = done()
    assert 0 < len(kept) < len(everything)
    with Cluster(tmp_path) as second:
        marks = work(second, everything - kept)
        early = next(marks)
        worker = int((tmp_path / f"{early}.done").read_text())
        psutil.Process(worker).kill()  # not one that is still starting: that would end its nanny
        got = {early, *marks}
    assert got == everything - kept
    assert done() == everything


@pytest.mark.slow
def test_a_task_that_ends_every_worker_costs_no_other_its_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "WAIT", PATIENCE)

    def mark(k: int) -> str:
        if k == 3:
            os._exit(1)
        return f"marked {k}"

    with Cluster(tmp_path) as one:
        tasks = [(k,) for k in range(8)]
        answers = {*done_at(one.address, mark, tasks, lambda k: f"lost {k}")}
    assert answers == {f"{'lost' if k == 3 else 'marked'} {k}" for k in range(8)}


@pytest.mark.slow
def test_a_cluster_whose_last_worker_is_gone_says_so_and_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Cluster(tmp_path) as one:
        marks = done_at(one.address, time.sleep, [(0,), (PATIENCE,)], print)
        assert next(marks) is None
        monkeypatch.setattr(cluster, "WAIT", 2)
        one.nanny.suspend()  # so that it replaces nobody
        for worker in one.nanny.children(recursive=True):
            worker.kill()
        with pytest.raises(ConnectionError, match="no Dask worker is left: what is marked is kept"):
            next(marks)
