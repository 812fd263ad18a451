"""Tables as spreadsheets save them: a roster, a platform's list of people, marks given by hand."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path


def read_table(path: Path) -> list[list[str]]:
    """Return the rows of a CSV with commas, semicolons or tabs, in UTF-8 or UTF-16, without blanks.

    Raises `ValueError` naming the file if it is empty or in another encoding.
    """
    content = path.read_bytes()
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig").lstrip("\r\n")
    except UnicodeDecodeError:
        raise ValueError(f'{path} is not in UTF-8: save it as "CSV UTF-8"') from None
    head = re.sub(r'"[^"]*"', "", text).partition("\n")[0]  # what is quoted parts no cells
    delimiter = max("\t;,", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found = [cells for row in rows if any(cells := [cell.strip() for cell in row])]
    if not found:
        raise ValueError(f"{path} is empty")
    return found


def read_roster(path: Path) -> list[dict[str, str]]:
    """Return a row for each student: the cells by their titles in small letters.

    The id is in the column `student`, or else in the first one; a table without a title `student`
    or `email` has no header. Raises `ValueError` if an id is there twice.
    """
    head, *rows = read_table(path)
    titles = [title.casefold() for title in head]
    if not {"student", "email", "e-mail"} & {*titles}:
        rows, titles = [head, *rows], []
    if "student" not in titles:
        titles[:1] = ["student"]
    found = [dict(zip(titles, row, strict=False)) for row in rows]
    students = [row for row in found if row.get("student")]
    counts = Counter(row["student"] for row in students)
    if repeated := sorted(name for name, count in counts.items() if count > 1):
        raise ValueError(f"{path}: named twice: {', '.join(repeated)}")
    return students
