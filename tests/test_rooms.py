"""How large the rooms are: lines of Python, which may become fewer and not more."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# What each room has. The aims are 9,000, 6,000, 6,800, 4,500 and 1,600: lower these as it shrinks.
MOST = {
    "cs826tl": 14_800,  # without the lectures
    "cs826tl/lectures": 6_000,
    "cs826tl_grader": 8_000,
    "tools": 5_000,
    "benchmarks": 2_445,
}


@pytest.mark.parametrize("room", MOST)
def test_a_room_does_not_grow(room: str) -> None:
    listed = subprocess.run(
        ["git", "ls-files", f"{room}/*.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a checkout of git")
    paths = [p for p in listed.stdout.split() if room != "cs826tl" or "/lectures/" not in p]
    assert paths
    assert sum(len((ROOT / p).read_bytes().splitlines()) for p in paths) <= MOST[room]
