"""Moodle: "Download all submissions" in, "Upload multiple feedback files in a zip" out.

Both ways a folder or a file is called `FULLNAME_PARTICIPANT_assignsubmission_file_…`: Moodle
replaces underscores in names, splits at them, and takes the second part for the participant's id,
which is another one in every assignment (`mod/assign/feedback/file/importziplib.php`). The
documented page is https://docs.moodle.org/en/Assignment_activity, "Downloading submissions" and
"Upload multiple feedback files as a zip".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from cs826tl_grader.platforms.arrivals import Arrival, Returned, placed
from cs826tl_grader.platforms.reading import Entry

PART = re.compile(r"([^_/]+)_(\d+)_(assignsubmission|assignfeedback)_([a-z]+)(?:_(.*))?")


class Moodle:
    """Moodle's assignment activity, from version 2.3 on.

    >>> import io
    >>> path = "Ada Lovelace_17_assignsubmission_file/01_why.ipynb"
    >>> (one,) = Moodle().arrivals([Entry(path, io.BytesIO)])
    >>> one.there, one.label, one.files[0].path
    ('17', 'Ada Lovelace_17', '01_why.ipynb')
    >>> list(Moodle().returned([Returned(one, {"01_why.html": b""}, {})]))
    ['Ada Lovelace_17_assignsubmission_file_01_why.html']
    """

    kind, title = "moodle", "Moodle"
    people = (
        "the grading worksheet: Assignment → Submissions → Actions → Download grading worksheet"
    )

    def recognises(self, entries: Sequence[Entry]) -> bool:
        """Say whether most paths begin with a name, a number and a plugin of the assignment."""
        return 2 * sum(_split(entry) is not None for entry in entries) > len(entries)

    def arrivals(self, entries: Sequence[Entry]) -> list[Arrival]:
        """Return one arrival per participant, whose files may lie in folders or side by side."""
        found: dict[tuple[str, str], list[tuple[str, Entry]]] = {}
        for entry in entries:
            if split := _split(entry):
                name, participant, plugin, path = split
                files = found.setdefault((name, participant), [])
                files.append((plugin, replace(entry, path=path)))
        return [_arrival(name, participant, files) for (name, participant), files in found.items()]

    def returned(self, answers: Sequence[Returned]) -> dict[str, bytes]:
        """Return the pages under names by which Moodle finds the participant."""
        return placed(answers, "{arrival.back}_assignsubmission_file_{page}")


def _split(entry: Entry) -> tuple[str, str, str, str] | None:
    """Return name, participant, plugin and the path from there on, as Moodle's importer does."""
    parts = entry.path.split("/")
    for k, part in enumerate(parts):
        if matched := PART.fullmatch(part):
            rest = [matched[5] or "", *parts[k + 1 :]]
            path = "/".join(word for word in rest if word)
            return matched[1], matched[2], matched[4], path or "onlinetext.html"
    return None


def _arrival(name: str, participant: str, files: list[tuple[str, Entry]]) -> Arrival:
    label = f"{name}_{participant}"
    folder = f"{label}_assignsubmission_file"
    handed_in = tuple(entry for plugin, entry in files if plugin == "file")
    texts = [plugin for plugin, _ in files if plugin != "file"]
    note = f"what is not a file was left aside: {', '.join(sorted(set(texts)))}" if texts else ""
    ids = (folder, f"{folder}_")  # the folder ends on `_` before Moodle 4.1
    return Arrival(participant, ids, label, folder, handed_in, name, note=note, back=label)
