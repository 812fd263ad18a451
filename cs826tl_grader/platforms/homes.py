"""The homes of a JupyterHub's users, from which their exercises are collected."""

from __future__ import annotations

import os
import re
from pathlib import Path

from cs826tl_grader.platforms.arrivals import Arrival
from cs826tl_grader.platforms.folders import Folders
from cs826tl_grader.platforms.reading import Refused, folder_entries


class Homes(Folders):
    """One folder per student, as `Folders`, but each in its owner's home."""

    kind, title = "jupyterhub", "homes of a JupyterHub"
    people = "a column `jupyterhub` in the roster, with the users' names"


def homes_of(pattern: str) -> list[Arrival]:
    """Return what lies in the users' homes, as in `/home/{student}/cs826tl/exercises`.

    Avoids every link on the way, by which one user could hand in what is another's: such a file is
    named and not read. Raises `Refused` if the pattern has no `{student}`, or nobody has such a
    folder.
    """
    head, word, rest = pattern.partition("{student}")
    if not word or "{student}" in rest:
        raise Refused(f"--collect {pattern}: it must hold {{student}} once")
    above, _, before = head.rpartition("/")
    after, _, inside = rest.partition("/")
    top = Path(f"{above}/" if above or head.startswith("/") else ".")
    form = re.compile(f"{re.escape(before)}(.+){re.escape(after)}")
    found = [
        _arrival(top, home, matched[1], inside)
        for home in sorted(os.listdir(top))
        if (matched := form.fullmatch(home)) and (top / home / inside).is_dir()
    ]
    if not found:
        raise Refused(f"--collect {pattern}: nobody has such a folder")
    return found


def _arrival(top: Path, home: str, user: str, inside: str) -> Arrival:
    start = f"{home}/{inside}".rstrip("/")
    files = tuple(entry.below(start) for entry in folder_entries(top, start))
    return Arrival(user, (user,), user, home, files)
