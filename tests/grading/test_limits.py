"""What a submission's process gives up: system calls, the rights of root, and its limits."""

import subprocess
import sys

import pytest

from cs826tl.grading.sandbox.syscalls import can_refuse

TRIES = """
import os, resource, socket
from cs826tl.grading.sandbox.syscalls import refuse

refuse()
for tried in (
    lambda: os.memfd_create("x"),
    lambda: os.setpriority(os.PRIO_PROCESS, 0, 1),
    lambda: os.sched_setaffinity(0, {0}),
    lambda: resource.prlimit(os.getppid(), resource.RLIMIT_CORE),
    lambda: socket.socket(socket.AF_INET),
    lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
):
    try:
        tried()
        print("done")
    except PermissionError:
        print("refused")
socket.socketpair()
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
print("the rest works")
"""


@pytest.mark.skipif(not can_refuse(), reason="the numbers of the system calls are not known here")
def test_what_is_refused_fails_and_the_rest_works() -> None:
    done = subprocess.run([sys.executable, "-c", TRIES], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:-1] == ["refused"] * 6 + ["the rest works"]
