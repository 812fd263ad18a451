"""One folder per student, named after the student's id: what any tool or person can make."""

from __future__ import annotations

from collections.abc import Sequence

from cs826tl_grader.platforms.arrivals import Answer, Arrival, placed
from cs826tl_grader.platforms.reading import Entry


class Folders:
    """Folders named after students, in an archive or gathered from the homes of a JupyterHub.

    >>> import io
    >>> (one,) = Folders().arrivals([Entry("ada/01_why.ipynb", io.BytesIO)])
    >>> list(Folders().returned([Answer(one, {"01_why.html": b""}, {})]))
    ['ada/01_why.html']
    """

    kind, title = "folders", "one folder per student"
    people = "a column in the roster with the folders' names"

    def recognises(self, entries: Sequence[Entry]) -> bool:
        """Say whether any file lies in a folder."""
        return any("/" in entry.path for entry in entries)

    def arrivals(self, entries: Sequence[Entry]) -> list[Arrival]:
        """Return one arrival per folder."""
        found: dict[str, list[Entry]] = {}
        for entry in entries:
            folder, _, path = entry.path.partition("/")
            if path:
                found.setdefault(folder, []).append(entry.below(folder))
        return [
            Arrival(folder, (folder,), folder, folder, tuple(files))
            for folder, files in found.items()
        ]

    def returned(self, answers: Sequence[Answer]) -> dict[str, bytes]:
        """Return the pages, in a folder for each student."""
        return placed(answers, "{arrival.entry}/{page}")
