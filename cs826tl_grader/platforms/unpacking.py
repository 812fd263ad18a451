"""One student's files, written into a folder: bounded in bytes, number and depth.

Only notebooks are written as they are. An empty file stands for any other, so that its name can be
told: nothing but notebooks is ever graded.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cs826tl_grader.marking.handed_in import MOST_ENTRIES, NOTEBOOK
from cs826tl_grader.plain.notebook import LARGEST
from cs826tl_grader.plain.writing import safe_name
from cs826tl_grader.platforms.reading import CannotRead, Entry, zip_entries

MOST_BYTES = 3 * LARGEST  # of one student's zips and notebooks together, unpacked
DEEPEST = 2  # a zip, and a zip within it
LONGEST_LIST = 200 * MOST_ENTRIES  # bytes of the list of members of a student's own zip
TOO_MUCH = f"more than {MOST_BYTES // 2**20} MB or {MOST_ENTRIES} files: the rest was left aside"


@dataclass
class _Allowance:
    """What one student may still take, and what was left aside."""

    left: int = MOST_BYTES  # bytes
    files: int = MOST_ENTRIES
    notes: list[str] = field(default_factory=list)

    def read(self, entry: Entry, most: int) -> bytes:
        """Return at most `most` bytes of a file; `CannotRead` if that is more than is allowed."""
        content = entry.read(min(most, self.left + 1))
        self.left -= len(content)
        if self.left < 0:
            raise CannotRead(TOO_MUCH)
        return content


def is_notebook(name: str) -> bool:
    """Say whether a file is called like a notebook, perhaps with a suffix that a browser added."""
    return NOTEBOOK.fullmatch(name.strip().casefold()) is not None


def unpack(files: Sequence[Entry], folder: Path) -> list[str]:
    """Write a student's files into `folder`, zips opened, and return what was left aside and why.

    A file keeps its name as far as it is one, and lies in the folder or one deeper.
    """
    folder.mkdir(parents=True, mode=0o700)
    allowance = _Allowance()
    for entry in _opened(files, allowance, DEEPEST):
        allowance.files -= 1
        if allowance.files < 0 or allowance.left < 0:
            allowance.notes.append(TOO_MUCH)
            break
        try:
            content = allowance.read(entry, LARGEST + 1) if is_notebook(entry.name) else b""
            _write(folder, entry.path, content)
        except (CannotRead, OSError) as problem:
            allowance.notes.append(f"{entry.path}: {problem}")
    return list(dict.fromkeys(allowance.notes))


def _opened(files: Sequence[Entry], allowance: _Allowance, depth: int) -> Iterator[Entry]:
    """Yield the files, notebooks first, and in place of a zip what lies in it."""
    for entry in sorted(files, key=lambda one: (not is_notebook(one.name), one.path.count("/"))):
        if depth and entry.name.casefold().endswith(".zip"):
            try:
                content = allowance.read(entry, MOST_BYTES + 1)
                inner = zip_entries(io.BytesIO(content), entry.name, LONGEST_LIST)
            except CannotRead as problem:
                allowance.notes.append(f"{entry.path}: {problem}")
                continue
            here = [replace(one, path=f"{entry.path}/{one.path}") for one in inner]
            yield from _opened(here, allowance, depth - 1)
        else:
            yield entry


def _write(folder: Path, path: str, content: bytes) -> None:
    above, _, name = path.rpartition("/")
    here = folder / safe_name(above.strip("/ ").replace("/", "_")) if above else folder
    while here.is_file():  # a name that a path in a zip shares with a file beside the zip
        here = here.with_name(f"{here.name}_")
    here.mkdir(exist_ok=True, mode=0o700)
    place = here / safe_name(name.strip())
    if not place.exists():
        place.write_bytes(content)
        place.chmod(0o600)
