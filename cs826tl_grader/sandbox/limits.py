"""How much a submission's process may take, and the rights that it gives up, before it begins."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from cs826tl_grader.sandbox.identity import drop_capabilities
from cs826tl_grader.sandbox.processes import die_with_parent
from cs826tl_grader.sandbox.syscalls import refuse

MEMORY = 3 * 2**30  # bytes that a process may add to what its parent has
PROCESSES = 24  # of a submission together
FILES = 256
TIMERS = 1024  # and signals that wait, of everything that runs as the same user
LARGEST_FILE = 64 * 2**20
ENTRIES = 20_000  # files and folders together, each of which costs memory, or a place on the disk


def confine(scratch: Path, how: str) -> int | None:
    """Take limits that nothing can lift again, for this process and all that it starts.

    Returns a descriptor for who is to be told of refused system calls, and answers them; None where
    nobody can be told, as under sandlock, which has all calls that it refuses told to itself.
    """
    import resource  # which Windows does not have, where a lecturer may release

    os.setsid()
    os.chdir(scratch)
    bounds = {
        resource.RLIMIT_AS: psutil.Process().memory_info().vms + MEMORY,
        resource.RLIMIT_FSIZE: LARGEST_FILE,
        resource.RLIMIT_NOFILE: FILES,
        resource.RLIMIT_CORE: 1,  # at 0, a handler of the host would still get each crash
        resource.RLIMIT_SIGPENDING: TIMERS,
    }
    if how == "bubblewrap":  # in its own namespace, where nobody else is counted
        bounds[resource.RLIMIT_NPROC] = PROCESSES
    for limit, value in bounds.items():
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))
    die_with_parent()
    if how == "sandlock":
        import sandlock

        # a domain of its own: it can neither signal nor look into its parent
        sandlock.confine(sandlock.Sandbox(fs_readable=["/"], fs_writable=[str(scratch)]))
    if how == "none":
        return None
    drop_capabilities()
    return refuse(told=how == "bubblewrap")
