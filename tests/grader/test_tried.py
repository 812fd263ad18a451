"""What a submission tells of itself: each thing once, and nothing of what honest code does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cs826tl_grader.sandbox.tried import WORDS

SCRIPT = """
import ctypes, gc, inspect, json, multiprocessing, os, resource, socket, sys
from cs826tl_grader.sandbox import tried

room, outside = sys.argv[1], "/nobody-has-this/file"
names = {name: value for name, value in globals().items() if name != "tried"}
for code in json.load(sys.stdin):
    end, theirs = os.pipe()
    if os.fork() == 0:
        before = tried.what_could_be_replaced()
        tried.tell_from_now(lambda word: os.write(theirs, word), ["/usr", "/lib"], [room])
        try:
            exec(code, names)
        except OSError:
            pass
        tried.tell_what_was_replaced(before, lambda word: os.write(theirs, word))
        os._exit(0)
    os.close(theirs)
    os.wait()
    print(json.dumps([tried.WORDS[word] for word in os.read(end, 100)]), flush=True)
    os.close(end)
"""
WRITE, READ, NETWORK, PROCESS, LIMITS, C, LOOKED, REPLACED, LARGER = WORDS
CASES: dict[str, list[str]] = {
    "import resource; resource.setrlimit(1, (9, 9)); open(room + '/large', 'wb', 0).truncate(99)": [
        LIMITS,
        LARGER,
    ],
    "open(room + '/own', 'w').close(); os.remove(room + '/own')": [],
    "open('/usr/bin/env', 'rb').close(); os.listdir('/proc/self/fd')": [],
    "socket.socketpair()": [],
    "import collections; collections.namedtuple('Pair', 'a b')": [],
    "import numpy; numpy.zeros(3).ctypes.data; numpy.seterr(all='ignore')": [],
    "import logging; logging.getLogger().warning('x')": [],
    "open(outside, 'w')": [WRITE],
    "for _ in range(99):\n  try: os.mkdir(outside)\n  except OSError: pass": [WRITE],
    "os.symlink('/usr', room + '/link')": [],
    "os.rename(room, room + '-gone')": [WRITE],
    "open(outside)": [READ],
    "os.listdir(room + '/../..')": [READ],
    "socket.socket(socket.AF_INET)": [NETWORK],
    "os.kill(os.getppid(), 0)": [PROCESS],
    "open(f'/proc/{os.getppid()}/comm', 'w')": [PROCESS],
    "if not os.fork():\n  try: open(outside)\n  finally: os._exit(0)\nos.wait()": [READ],
    "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))": [LIMITS],
    "ctypes.CDLL(None).getpid()": [C],
    "sys._getframe()": [LOOKED],
    "inspect.currentframe()": [LOOKED],
    "gc.get_objects()": [LOOKED],
    "open('/proc/self/mem', 'rb')": [LOOKED],
    "import builtins; builtins.all = any": [REPLACED],
}


@pytest.mark.skipif(sys.platform != "linux", reason="submissions run on Linux only")
def test_only_what_leads_outside_is_told_and_only_once(tmp_path: Path) -> None:
    room = tmp_path / "of" / "its own"
    room.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(room)],
        input=json.dumps([*CASES]), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert dict(zip(CASES, map(json.loads, done.stdout.splitlines()), strict=True)) == CASES
