"""Archives and folders as they arrive, read within bounds: nothing lands under a path of its own.

What students pack is hostile until shown otherwise. So a member's path is only ever looked at,
links are not followed, and everybody who reads says how many bytes are enough.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO

from cs826tl_grader.plain.notebook import OPENING

LONGEST_LIST = 64 * 2**20  # bytes of an archive's list of members
DEEPEST = 20  # folders in folders
SKIPPED = {"__MACOSX", ".ipynb_checkpoints", ".git", ".svn", ".Trashes"}  # put there by programs
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may ask for any amount of memory
END, END_SIZE = b"PK\x05\x06", 22  # of a zip file, where it says how long its list is


class Refused(ValueError):
    """An archive or a file that is not read; the message says why."""


@dataclass(frozen=True)
class Entry:
    """A file in an archive or a folder: its path, with `/` between folders, and its first bytes."""

    path: str
    open: Callable[[], IO[bytes]]
    refused: str = ""  # why it cannot be read, as far as that is known without opening it
    owner: int = -1  # the user id of a file on the disk

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    def read(self, most: int) -> bytes:
        """Return at most so many bytes; `Refused` where they cannot be read."""
        if self.refused:
            raise Refused(self.refused)
        try:
            with self.open() as stream:
                return stream.read(most)
        except OSError as problem:
            raise Refused(f"it cannot be opened: {problem.strerror or problem}") from None
        except (ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error):
            raise Refused("it is damaged") from None

    def below(self, folder: str) -> Entry:
        """Return the same file with its path from a folder on, which must hold it."""
        return replace(self, path=self.path[len(folder) :].lstrip("/"))


@contextmanager
def opened(what: Path) -> Iterator[list[Entry]]:
    """Give the files of a folder or of a zip archive; `Refused` where it is neither."""
    if what.is_dir():
        yield list(folder_entries(what))
        return
    if not what.is_file():
        raise Refused(f"{what}: there is no such file or folder")
    with what.open("rb") as file:
        yield zip_entries(file, what.name)


def zip_entries(file: IO[bytes], name: str, longest: int = LONGEST_LIST) -> list[Entry]:
    """Return the files of a zip archive whose list of members takes at most `longest` bytes."""
    if (size := _size_of_list(file)) > longest:
        raise Refused(f"{name} has too many members: its list alone takes {size} bytes")
    try:
        archive = zipfile.ZipFile(file)
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        raise Refused(f"{name} is no zip archive, or a damaged one") from None
    found = (_entry(archive, member) for member in archive.infolist() if not member.is_dir())
    return [entry for entry in found if not _skipped(entry.path)]


def zip_content(content: bytes, name: str, longest: int) -> list[Entry]:
    """Return the files of a zip archive that lay in another one."""
    return zip_entries(io.BytesIO(content), name, longest)


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


def _size_of_list(file: IO[bytes]) -> int:
    """Return how many bytes an archive's list of members takes, as the archive itself says."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - END_SIZE - 0xFFFF))
    tail = file.read()
    place = tail.rfind(END)
    if place < 0 or len(tail) < place + END_SIZE:
        raise Refused("it is no zip archive, or a damaged one")
    size: int = struct.unpack_from("<L", tail, place + 12)[0]
    return size  # 0xFFFFFFFF for a zip of more than 4 GB, whose list is elsewhere: too long


def folder_entries(top: Path, start: str = "") -> Iterator[Entry]:
    """Yield the files of a folder, or of the folder `start` in it, with their paths from `top` on.

    Avoids links on the whole way from `top` to a file, also ones that appear in between.
    """
    for folder, inner, files in os.walk(top / start):
        here = os.path.relpath(folder, top)
        prefix = "" if here == "." else f"{here}/"
        if ".git" in (*inner, *files):  # a clone says so, though nothing of git's own is read
            yield Entry(f"{prefix}.git", io.BytesIO, "it is git's own")
        linked = {name for name in inner if os.path.islink(os.path.join(folder, name))}
        deep = prefix.count("/") >= DEEPEST
        inner[:] = [] if deep else sorted({*inner} - SKIPPED - linked)
        for name in sorted({*files, *linked} - SKIPPED):
            path = f"{prefix}{name}"
            yield Entry(path, partial(open_below, top, path), owner=_owner(Path(folder, name)))


def _owner(path: Path) -> int:
    try:
        return path.lstat().st_uid
    except OSError:  # it went away meanwhile
        return -1


def open_below(top: Path, path: str) -> IO[bytes]:
    """Open a plain file below a folder without following a link on the way; `OSError` otherwise."""
    *folders, name = path.split("/")
    here = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            deeper = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = deeper
        file = os.open(name, OPENING, dir_fd=here)
    finally:
        os.close(here)
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError("it is not a plain file")
    return open(file, "rb")


def _skipped(path: str) -> bool:
    return any(part in SKIPPED for part in path.split("/"))


def common_folder(entries: Sequence[Entry]) -> str:
    """Return the one folder that holds all entries, or "".

    >>> common_folder([Entry("a/x", io.BytesIO), Entry("a/b/y", io.BytesIO)])
    'a'
    """
    tops = {entry.path.partition("/")[0] for entry in entries}
    nested = all("/" in entry.path for entry in entries)
    return tops.pop() if nested and len(tops) == 1 else ""
