"""nbgrader: the folder `inbound` of an exchange in, pages for `nbgrader release_feedback` out.

An attempt is a folder `USER+ASSIGNMENT+2026-11-02 10:15:03.123456 UTC`, with `+RANDOM` behind
where the exchange adds it. What goes back is `feedback/USER/ASSIGNMENT/NN_slug.html` with the
attempt's `timestamp.txt` and `submission_secret.txt`, by which `release_feedback` finds the
student's place. The documented pages are "Exchange" and "release_feedback" at
https://nbgrader.readthedocs.io.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from cs826tl_grader.platforms.arrivals import Arrival, Platform, Returned
from cs826tl_grader.platforms.reading import CannotRead, Entry

FOLDER = re.compile(
    r"(.+)\+([^+]+)\+(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [^+/]+?)(?:\+[\w=-]+)?"
)
SENT_BACK = ("timestamp.txt", "submission_secret.txt")
SMALL = 1000  # bytes of one of them


class NBGrader(Platform):
    """nbgrader's exchange, or one that keeps its form, such as ngshare's.

    >>> import io
    >>> folder = "ada+01_why+2026-11-02 10:15:03.5 UTC"
    >>> (one,) = NBGrader().arrivals([Entry(f"inbound/{folder}/01_why.ipynb", io.BytesIO)])
    >>> one.there, one.attempt
    ('ada', '2026-11-02 10:15:03.5 UTC')
    >>> list(NBGrader().returned([Returned(one, {"01_why.html": b""}, {})]))
    ['feedback/ada/01_why/01_why.html']
    """

    kind, title = "nbgrader", "nbgrader's exchange"
    people = "a column `nbgrader` in the roster, with the users' names"

    back = "feedback/{arrival.there}/{arrival.back}/{page}"

    def split(self, path: str) -> tuple[str, str] | None:
        """Return the first folder of an attempt on the way: what lies in it is the student's."""
        parts = path.split("/")
        found = (k for k, part in enumerate(parts[:-1]) if FOLDER.fullmatch(part))
        k = next(found, None)
        return None if k is None else (parts[k], "/".join(parts[k + 1 :]))

    def arrival(self, entry: str, files: Sequence[Entry]) -> Arrival:
        """Return an attempt, without a key if any of it is another's: anybody may write there."""
        matched = FOLDER.fullmatch(entry)
        assert matched is not None
        user, assignment, when = matched.groups()
        arrival = Arrival(
            user, (user,), user, entry, tuple(f for f in files if f.path not in SENT_BACK),
            attempt=when, back=assignment,
            kept={file.path: _small(file) for file in files if file.path in SENT_BACK},
        )  # fmt: skip
        if other := _other_owner(files, user):
            note = f"it belongs to the user {other} on this machine"
            return replace(arrival, there="", ids=(), note=note)
        return arrival

    def returned(self, answers: Sequence[Returned]) -> dict[str, bytes]:
        """Return the pages below the course's folder, each with what `release_feedback` needs."""
        kept = [replace(one, pages={**one.pages, **one.arrival.kept}) for one in answers]
        return super().returned(kept)


def _other_owner(files: Sequence[Entry], user: str) -> str:
    """Return the name of another user to whom a file or its folder belongs, or ""."""
    import pwd  # Windows has none, and no exchange

    for owner in frozenset[int]().union(*(file.owners for file in files)) - {0, os.getuid()}:
        with suppress(KeyError):
            if (name := pwd.getpwuid(owner).pw_name) != user:
                return name
    return ""


def _small(file: Entry) -> bytes:
    try:
        return file.read(SMALL)
    except CannotRead:
        return b""
