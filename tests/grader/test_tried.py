"""What a sandbox denied: counted by kind, capped, and only what leads outside."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cs826tl_grader.sandbox.tried import KINDS, MOST, in_words

SCRIPT = """
import json, multiprocessing, os, socket, sys
from cs826tl_grader.sandbox.tried import count_from_now, counts, new_page

room, outside = sys.argv[1], "/nobody-has-this/file"
for code in json.load(sys.stdin):
    page = new_page()
    if os.fork() == 0:
        count_from_now(page, ["/usr", "/lib"], [room])
        try:
            exec(code)
        except OSError:
            pass
        os._exit(0)
    os.wait()
    print(json.dumps(counts(page, [])), flush=True)
"""
CASES = {
    "open(room + '/own', 'w').close(); os.remove(room + '/own')": [0, 0, 0, 0],
    "open('/usr/bin/env', 'rb').close(); os.listdir('/proc/self/fd')": [0, 0, 0, 0],
    "socket.socketpair()": [0, 0, 0, 0],
    "open(outside, 'w')": [1, 0, 0, 0],
    "for _ in range(99):\n  try: os.mkdir(outside)\n  except OSError: pass": [MOST, 0, 0, 0],
    "os.symlink('/usr', room + '/link')": [0, 0, 0, 0],
    "os.rename(room, room + '-gone')": [1, 0, 0, 0],
    "open(outside)": [0, 1, 0, 0],
    "os.listdir(room + '/../..')": [0, 1, 0, 0],
    "socket.socket(socket.AF_INET)": [0, 0, 1, 0],
    "os.kill(os.getppid(), 0)": [0, 0, 0, 1],
    "open(f'/proc/{os.getppid()}/comm', 'w')": [0, 0, 0, 1],
    "if not os.fork():\n  try: open(outside)\n  finally: os._exit(0)\nos.wait()": [0, 1, 0, 0],
}


@pytest.mark.skipif(sys.platform != "linux", reason="submissions run on Linux only")
def test_only_what_leads_outside_is_counted(tmp_path: Path) -> None:
    room = tmp_path / "of" / "its own"
    room.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(room)],
        input=json.dumps([*CASES]), capture_output=True, text=True, check=True,
    )  # fmt: skip
    counted = dict(zip(CASES, map(json.loads, done.stdout.splitlines()), strict=True))
    assert counted == CASES


def test_a_count_reads_as_one_would_say_it() -> None:
    assert in_words([0] * len(KINDS)) == ""
    assert in_words([1, 2, 0, MOST, 0, 1]) == (
        "tried to write outside, once; tried to read outside, 2 times; "
        "tried to reach another process, 10 times or more; filled its folders, once"
    )
