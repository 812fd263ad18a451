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
from dataclasses import replace

from cs826tl_grader.platforms.arrivals import Arrival, Returned, placed
from cs826tl_grader.platforms.reading import CannotRead, Entry

FOLDER = re.compile(
    r"(.+)\+([^+]+)\+(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [^+/]+?)(?:\+[\w=-]+)?"
)
SENT_BACK = ("timestamp.txt", "submission_secret.txt")
SMALL = 1000  # bytes of one of them


class NBGrader:
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

    def recognises(self, entries: Sequence[Entry]) -> bool:
        """Say whether most files lie in folders of attempts."""
        return 2 * sum(_folder(entry) is not None for entry in entries) > len(entries)

    def arrivals(self, entries: Sequence[Entry]) -> list[Arrival]:
        """Return every attempt in the exchange."""
        found: dict[str, Arrival] = {}
        for entry in entries:
            if matched := _folder(entry):
                user, assignment, when = matched.groups()
                known = found.setdefault(
                    matched[0],
                    Arrival(user, (user,), user, matched[0], (), attempt=when, back=assignment),
                )
                inside = entry.below(entry.path[: entry.path.index(matched[0]) + len(matched[0])])
                found[matched[0]] = replace(known, files=(*known.files, inside))
        return [_checked(arrival) for arrival in found.values()]

    def returned(self, answers: Sequence[Returned]) -> dict[str, bytes]:
        """Return the pages below the course's folder, each with what `release_feedback` needs."""
        kept = [replace(one, pages={**one.pages, **one.arrival.kept}) for one in answers]
        return placed(kept, "feedback/{arrival.there}/{arrival.back}/{page}")


def _folder(entry: Entry) -> re.Match[str] | None:
    """Return the first folder of an attempt on the way: what lies in it is the student's own."""
    *folders, _ = entry.path.split("/")
    return next(filter(None, map(FOLDER.fullmatch, folders)), None)


def _checked(arrival: Arrival) -> Arrival:
    """Return the arrival without its key if any of it is another's: anybody may write there."""
    import pwd  # Windows has none, and no exchange

    owners = frozenset[int]().union(*(file.owners for file in arrival.files))
    small = {file.path: file for file in arrival.files if file.path in SENT_BACK}
    kept = {path: _small(file) for path, file in small.items()}
    files = tuple(file for file in arrival.files if file.path not in SENT_BACK)
    arrival = replace(arrival, files=files, kept=kept)
    for owner in owners - {0, os.getuid()}:
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            continue
        if name != arrival.there:
            return replace(
                arrival, there="", ids=(), note=f"it belongs to the user {name} on this machine"
            )
    return arrival


def _small(file: Entry) -> bytes:
    try:
        return file.read(SMALL)
    except CannotRead:
        return b""
