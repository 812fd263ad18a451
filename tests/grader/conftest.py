"""After each file of tests, nothing that it started in a sandbox is left."""

import time
from collections.abc import Iterator

import psutil
import pytest

from cs826tl_grader.marking import cohort


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    end_kept()
    assert in_sandboxes() == []


def end_kept() -> None:
    """End the sandbox that this process, where it graded, keeps for the next run."""
    while cohort._SANDBOXES:
        cohort._SANDBOXES.popitem()[1].end()


def in_sandboxes() -> list[str]:
    """Wait until nothing runs in a sandbox of ours any more; return what does after a minute."""
    deadline = time.monotonic() + 60
    while (left := _in_sandboxes()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def _in_sandboxes() -> list[str]:
    """Return what runs in a sandbox of this process's, or of nobody's who is still there."""
    mine, commands = psutil.Process(), []
    for process in psutil.process_iter():
        try:
            command = " ".join(process.cmdline())
            ours = process.ppid() == 1 or mine in process.parents()
        except psutil.Error:
            continue
        if ours and "-m cs826tl_grader.sandbox.inside" in command:
            commands.append(command)
    return commands
