"""What the grader works out for a student's answer, in a process of its own, with bounds."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import warnings
from collections.abc import Callable
from typing import Any

import psutil
import torch

from cs826tl_grader.sandbox.channel import Channel
from cs826tl_grader.sandbox.processes import die_with_parent

MEMORY = 2 * 2**30  # bytes that it may add to what the grader has
SECONDS = 300.0


def in_bounds(work: Callable[[], object]) -> Any:
    """Return what a function returns, as plain data, within bounds of memory and time.

    Raises `ValueError` with what the function raised, a `MemoryError` included; `Died` if its
    process was ended, and `TookTooLong`.
    """
    ours, theirs = socket.socketpair()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which the fork leaves
        worker = os.fork()
    if worker == 0:
        with contextlib.suppress(BaseException):
            import resource

            die_with_parent()
            ours.close()
            most = psutil.Process().memory_info().vms + MEMORY
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
            torch.set_num_threads(1)  # those of the grader are not here any more
            try:
                said = {"value": work()}
            except Exception as problem:
                kind = "" if isinstance(problem, ValueError) else f"{type(problem).__name__}: "
                said = {"raised": f"{kind}{problem}"}
            Channel(theirs).send(said)
        os._exit(0)
    theirs.close()
    try:
        said = Channel(ours, SECONDS).receive()
        if "raised" in said:
            raise ValueError(said["raised"])
        return said["value"]
    finally:
        ours.close()
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
