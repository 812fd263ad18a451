"""Files that are complete or absent, safe names for folders, and safe cells for spreadsheets.

No student id leads out of its folder, and no spreadsheet takes a cell for a formula.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from cs826tl._files import write_atomically

LONGEST = 200  # bytes of a student's folder; a page of that name is called a little more
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files make the same archive
UNSAFE = re.compile(r"[/\\\x00-\x1f\x7f]|\.\.|^\.|[. ]$")
# A spreadsheet splits cells at commas, or where it is set to, at semicolons or tabs; there quotes
# that protect a comma protect nothing, so that a line's end parts cells too.
# Found by the whole run of blanks, quotes and separators before the sign, so that each run is read
# once: a text of nothing but line ends would else take ten seconds.
FORMULA = re.compile(r"""(?<![\s'";])[\s'";]*+(?=[=+\-@＝＋－＠])""")


def write_text(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a text as `write_bytes` does; half a character becomes `?`."""
    write_bytes(path, text.encode("utf-8", "replace"), mode)


def write_bytes(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file that is complete or absent.

    By default nobody but its owner may read it, whatever the umask: marks are nobody else's.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with write_atomically(path) as part:
        part.touch(0o600)
        part.write_bytes(content)
        part.chmod(mode)


@contextmanager
def left_out(what: str) -> Iterator[None]:
    """Go on whatever is raised in one student's part of a report, and say what is not in it."""
    try:
        yield
    except Exception as problem:
        print(f"left out: {what}: {type(problem).__name__}: {problem}", file=sys.stderr)


def zipped(files: Mapping[str, bytes], executable: Sequence[str] = ()) -> bytes:
    """Return a zip archive of the files, the same whenever they are; no path leads out of it.

    >>> with zipfile.ZipFile(io.BytesIO(zipped({"../a": b"1"}))) as archive:
    ...     archive.namelist()
    ['_-5ec1f7e7/a']
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            member = zipfile.ZipInfo("/".join(map(safe_name, path.split("/"))), EPOCH)
            member.external_attr = (0o100755 if path in executable else 0o100644) << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table that is safe to open in a spreadsheet."""
    write_text(path, csv_text(columns, rows))


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    r"""Return a table that is safe to open in a spreadsheet.

    >>> csv_text(["student", "points"], [["=1+1", 2.0]])
    "student,points\r\n'=1+1,2\r\n"
    """
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerows([safe_cell(cell) for cell in row] for row in (columns, *rows))
    return stream.getvalue()


def safe_cell(value: object) -> str:
    """Return a cell's text, with an apostrophe wherever a formula could start.

    >>> safe_cell("=1+1"), safe_cell("Ada;=1+1"), safe_cell(2.0), safe_cell("a - b")
    ("'=1+1", "Ada;'=1+1", '2', 'a - b')
    """
    text = f"{value:g}" if isinstance(value, float) else str(value)
    text = "".join(c if c.isprintable() or c in "\n\t" else _spelled(c) for c in text)
    return FORMULA.sub(_without_formula, text)


def _without_formula(run: re.Match[str]) -> str:
    """Return what stands before a sign, an apostrophe after each separator that leads to it."""
    before, semicolon, blanks = run[0].rpartition(";")
    first = "'" if semicolon or not run.start() else ""
    return f"{before}{semicolon}{first}" + re.sub(r"[\t\n]", r"\g<0>'", blanks)


def _spelled(character: str) -> str:
    """Return an escape for an invisible character, so that no two ids look alike."""
    return character.encode("unicode_escape").decode()


def safe_name(student: str) -> str:
    """Return a folder's name for a student: no path leads out of it, and no two share one.

    >>> safe_name("Ada"), safe_name("../../etc")
    ('Ada', '____etc-74ccf3c5')
    """
    name = UNSAFE.sub("_", student)
    size = len(name.encode(errors="surrogatepass"))
    if name == student and size <= LONGEST and name.strip(". "):
        return name
    digest = hashlib.sha256(student.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{name[: LONGEST // 4 - 9]}-{digest}"
