"""Files: complete or not there at all, and a digest that is SHA-256."""

import hashlib
import os
from pathlib import Path

import pytest

from cs826tl._files import sha256_of, write_atomically


def test_the_new_content_appears_at_once_and_alone(tmp_path: Path) -> None:
    path = tmp_path / "marks.csv"
    path.write_text("old")
    with write_atomically(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
        assert part.parent == tmp_path  # a rename works within one file system only
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["marks.csv"]


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt, OSError])
def test_a_failure_leaves_the_old_content_and_nothing_else(tmp_path: Path, problem) -> None:
    path = tmp_path / "marks.csv"
    path.write_text("old")

    def write_half() -> None:
        with write_atomically(path) as part:
            part.write_text("half")
            raise problem

    with pytest.raises(problem):
        write_half()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["marks.csv"]


def test_two_writers_do_not_get_in_each_others_way(tmp_path: Path) -> None:
    path = tmp_path / "marks.csv"
    with write_atomically(path) as one, write_atomically(path) as other:
        one.write_text("one")
        other.write_text("other")
    assert path.read_text() == "one"  # the outer block ends last
    assert os.listdir(tmp_path) == ["marks.csv"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_private_file_stays_private(tmp_path: Path) -> None:
    with write_atomically(tmp_path / "secret") as part:
        part.touch(0o600)
        part.write_text("x")
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"abc", bytes(range(256)) * 5000])
def test_the_digest_is_sha_256(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    assert sha256_of(tmp_path / "file") == hashlib.sha256(content).hexdigest()
