"""Archives and folders as they arrive, read within bounds: nothing lands under a path of its own.

What students pack is hostile until shown otherwise. So a member's path is only ever looked at,
links are not followed, and everybody who reads says how many bytes are enough.
"""

from __future__ import annotations

import io
import os
import stat
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from cs826tl_grader.marking.handed_in import NOT_HANDED_IN
from cs826tl_grader.plain.notebook import OPENING

LONGEST_LIST = 64 * 2**20  # bytes of an archive's list of members
DEEPEST = 20  # folders in folders
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may ask for any amount of memory


class CannotRead(ValueError):
    """An archive or a file that is not read; the message says why."""


@dataclass(frozen=True)
class Entry:
    """A file in an archive or a folder: its path, with `/` between folders, and how to open it."""

    path: str
    open: Callable[[], IO[bytes]]
    refused: str = ""  # why it cannot be read, as far as that is known without opening it
    owners: frozenset[int] = frozenset()  # the users of a file on the disk, and of its folder

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    def read(self, most: int) -> bytes:
        """Return at most `most` bytes; `CannotRead` where they cannot be read."""
        if self.refused:
            raise CannotRead(self.refused)
        try:
            with self.open() as stream:
                return stream.read(most)
        except OSError as problem:
            raise CannotRead(f"it cannot be opened: {problem.strerror or problem}") from None
        except Exception:  # whatever a damaged archive makes its reader raise
            raise CannotRead("it is damaged") from None

    def below(self, folder: str) -> Entry:
        """Return the same file with its path from a folder on, which must hold it."""
        return replace(self, path=self.path[len(folder) :].lstrip("/"))


@contextmanager
def files_of(what: Path) -> Iterator[list[Entry]]:
    """Give the files of a folder or of a zip archive; `CannotRead` where it is neither."""
    if what.is_dir():
        yield list(folder_entries(what))
        return
    if not what.is_file():
        raise CannotRead(f"{what}: there is no such file or folder")
    with what.open("rb") as file:
        yield zip_entries(file, what.name)


class _Bounded:
    """A file of which at most `most` bytes are read at once."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file, self.most = file, most

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, size: int = -1) -> bytes:
        if size > self.most:
            raise CannotRead(f"it has too many members: its list alone takes {size} bytes")
        return self._file.read(size)


def zip_entries(file: IO[bytes], name: str, longest: int = LONGEST_LIST) -> list[Entry]:
    """Return the files of a zip archive whose list of members takes at most `longest` bytes.

    An archive can say twice where its list is, and how long. `zipfile` reads the list that it goes
    by at once: that is where it is bounded.
    """
    bounded = _Bounded(file, longest)
    try:
        archive = zipfile.ZipFile(cast(IO[bytes], bounded))
    except CannotRead as problem:
        raise CannotRead(f"{name}: {problem}") from None
    except Exception:  # whatever a damaged one makes it raise
        raise CannotRead(f"{name} is no zip archive, or a damaged one") from None
    bounded.most = sys.maxsize
    found = (_entry(archive, member) for member in archive.infolist() if not member.is_dir())
    return [entry for entry in found if not NOT_HANDED_IN & {*entry.path.split("/")}]


def _entry(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Entry:
    mode = member.external_attr >> 16
    refused = ""
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        refused = "it is a link, not a file"
    elif member.flag_bits & 1:
        refused = "it is locked by a password"
    elif member.compress_type not in PACKED:
        refused = "it is packed by a method that is not read: use an ordinary zip"
    path = member.filename.replace("\\", "/")
    return Entry(path, partial(archive.open, member), refused)


def folder_entries(top: Path, start: str = "") -> Iterator[Entry]:
    """Yield the files of a folder, or of the folder `start` in it, with their paths from `top` on.

    Avoids links on the whole way from `top` to a file, also ones that appear in between; raises
    `OSError` where there is one on the way to `start`.
    """
    with _entered(top, start) as place:
        for below, inner, files, here in os.fwalk(".", dir_fd=place):
            prefix = "".join(f"{part}/" for part in (start, below[2:]) if part)
            if ".git" in (*inner, *files):  # a clone says so, though nothing of git's own is read
                yield Entry(f"{prefix}.git", io.BytesIO, "it is git's own")
            linked = {name for name in inner if stat.S_ISLNK(_status(name, here)[0])}
            deep = prefix.count("/") >= DEEPEST
            inner[:] = [] if deep else sorted({*inner} - NOT_HANDED_IN - linked)
            for name in sorted({*files, *linked} - NOT_HANDED_IN):
                owners = frozenset({os.fstat(here).st_uid, _status(name, here)[1]})
                path = f"{prefix}{name}"
                yield Entry(path, partial(open_below, top, path), owners=owners)


def _status(name: str, folder: int) -> tuple[int, int]:
    """Return the mode of a file in a folder, and its user; 0 twice where it went away meanwhile."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return 0, 0
    return found.st_mode, found.st_uid


def open_below(top: Path, path: str) -> IO[bytes]:
    """Open a plain file below a folder without following a link on the way; `OSError` otherwise."""
    folder, _, name = path.rpartition("/")
    with _entered(top, folder) as here:
        file = os.open(name, OPENING, dir_fd=here)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError("it is not a plain file")
    return open(file, "rb")


@contextmanager
def _entered(top: Path, path: str) -> Iterator[int]:
    """Give a folder below another one, opened without following a link on the way."""
    here = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in filter(None, path.split("/")):
            deeper = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = deeper
        yield here
    finally:
        os.close(here)
