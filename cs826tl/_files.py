"""Files that are complete or not there at all, and the digest that tells one file from another."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PART = ".part"  # the suffix of a file that is still being written


@contextmanager
def write_atomically(path: Path) -> Iterator[Path]:
    """Give a new path beside `path` to write to; rename it to `path` when the block succeeds.

    Avoids half-written files: a reader of `path` sees the old content or the new one, never a
    part of it. If the block raises, `path` stays as it was and nothing is left behind. The folder
    must exist. The file gets the permissions that you create it with.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     marks = Path(folder) / "marks.csv"
    ...     with write_atomically(marks) as part:
    ...         _ = part.write_text("student,marks")
    ...     marks.read_text(), len(list(Path(folder).iterdir()))
    ('student,marks', 1)
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}{PART}")
    try:
        yield part
        os.replace(part, path)
    finally:
        with suppress(OSError):  # after a success, or if nothing was written, it is not there
            part.unlink()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content, as 64 hexadecimal digits.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     empty = Path(folder) / "empty"
    ...     empty.touch()
    ...     sha256_of(empty)[:8]
    'e3b0c442'
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
