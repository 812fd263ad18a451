"""Processes that have to end, whatever they do meanwhile."""

import contextlib
import signal
import subprocess
import sys
import time

import psutil
import pytest

from cs826tl_grader.sandbox import processes

# The eldest has a child, and that child forks one more when it is told to.
FAMILY = """
import os, signal, time
if not os.fork():
    signal.signal(signal.SIGUSR1, lambda *_: os.fork())
    print(os.getpid(), flush=True)
while True:
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")
def test_who_is_born_between_the_list_and_the_kill_is_ended_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed, told = processes.descendants, []

    def late(process: psutil.Process) -> list[psutil.Process]:
        """Return who is there, and let the child fork before anybody can act on it."""
        there = listed(process)
        if not told:
            told.append(child.send_signal(signal.SIGUSR1))
            while not child.children():
                time.sleep(0.01)
        return there

    with subprocess.Popen([sys.executable, "-c", FAMILY], stdout=subprocess.PIPE) as eldest:
        assert eldest.stdout is not None
        child = psutil.Process(int(eldest.stdout.readline()))
        monkeypatch.setattr(processes, "descendants", late)
        processes.end_descendants(psutil.Process(eldest.pid))
        eldest.kill()
    left = [process for process in psutil.process_iter(["cmdline"]) if FAMILY in _words(process)]
    for process in left:
        process.kill()
    assert not left


def _words(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        if process.status() != psutil.STATUS_ZOMBIE:
            return list(process.cmdline())
    return []
