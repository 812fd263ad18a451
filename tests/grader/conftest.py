"""After each file of tests, nothing that it started in a sandbox is left."""

import time
from collections.abc import Iterator

import psutil
import pytest

from cs826tl_grader.marking import cohort


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    while cohort._SANDBOXES:  # where this process graded, it keeps one for the next run
        cohort._SANDBOXES.popitem()[1].end()
    deadline = time.monotonic() + 60
    while (left := in_sandboxes()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def in_sandboxes() -> list[str]:
    """Return what still runs in a sandbox of this process's, or of nobody's who is still there."""
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
