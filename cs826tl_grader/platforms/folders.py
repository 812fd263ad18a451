"""One folder per student: what any tool or person can make, or what a JupyterHub has as homes."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from cs826tl_grader.platforms.arrivals import Arrival, Platform
from cs826tl_grader.platforms.reading import CannotRead, Entry, folder_entries


class Folders(Platform):
    """Folders named after students, in an archive or gathered from the homes of a JupyterHub.

    >>> import io
    >>> from cs826tl_grader.platforms.arrivals import Returned
    >>> (one,) = Folders().arrivals([Entry("ada/01_why.ipynb", io.BytesIO)])
    >>> list(Folders().returned([Returned(one, {"01_why.html": b""}, {})]))
    ['ada/01_why.html']
    """

    kind, title = "folders", "one folder per student"
    people = "a column in the roster with the folders' names"
    back = "{arrival.entry}/{page}"

    def split(self, path: str) -> tuple[str, str] | None:
        """Return the folder, and the path in it."""
        folder, _, inside = path.partition("/")
        return (folder, inside) if inside else None

    def recognises(self, entries: Sequence[Entry]) -> bool:
        """Say whether any file lies in a folder."""
        return any(self.split(entry.path) for entry in entries)

    def arrival(self, entry: str, files: Sequence[Entry]) -> Arrival:
        """Return what one folder holds."""
        return Arrival(entry, (entry,), entry, entry, tuple(files))


class Homes(Folders):
    """One folder per student, as `Folders`, but each in its owner's home."""

    kind, title = "jupyterhub", "homes of a JupyterHub"
    people = "a column `jupyterhub` in the roster, with the users' names"


def homes_of(pattern: str) -> list[Arrival]:
    """Return what lies in the users' homes, as in `/home/{student}/cs826tl/exercises`.

    Avoids every link on the way, by which one user could hand in what is another's: what lies
    behind one is named and not read. Raises `CannotRead` if the pattern has no `{student}`, or
    nobody has such a folder.
    """
    head, word, rest = pattern.partition("{student}")
    if not word or "{student}" in rest:
        raise CannotRead(f"--collect {pattern}: it must hold {{student}} once")
    above, _, before = head.rpartition("/")
    after, _, inside = rest.partition("/")
    top = Path(f"{above}/" if above or head.startswith("/") else ".")
    form = re.compile(f"{re.escape(before)}(.+){re.escape(after)}")
    found = [
        arrival
        for home in sorted(os.listdir(top))
        if (matched := form.fullmatch(home)) and not (top / home).is_file()
        if (arrival := _home(top, home, matched[1], inside))
    ]
    if not found:
        raise CannotRead(f"--collect {pattern}: nobody has such a folder")
    return found


def _home(top: Path, home: str, user: str, inside: str) -> Arrival | None:
    """Return what lies in one home, or None where nobody has put anything."""
    start = f"{home}/{inside}".rstrip("/")
    try:
        files = tuple(entry.below(start) for entry in folder_entries(top, start))
    except FileNotFoundError:
        return None
    except OSError as problem:
        note = f"the folder cannot be opened without following a link: {problem.strerror}"
        return Arrival(user, (user,), user, home, (), note=note)
    return Arrival(user, (user,), user, home, files)
