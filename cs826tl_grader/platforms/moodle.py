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

from cs826tl_grader.platforms.arrivals import Arrival, Platform
from cs826tl_grader.platforms.reading import Entry

PART = re.compile(r"([^_/]+)_(\d+)_(assignsubmission|assignfeedback)_([a-z]+)(?:_(.*))?")


class Moodle(Platform):
    """Moodle's assignment activity, from version 2.3 on.

    >>> import io
    >>> from cs826tl_grader.platforms.arrivals import Returned
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
    back = "{arrival.label}_assignsubmission_file_{page}"

    def split(self, path: str) -> tuple[str, str] | None:
        """Return name and participant as Moodle's importer does; the path begins with the plugin.

        Files of one participant may lie in folders or side by side.
        """
        parts = path.split("/")
        for k, part in enumerate(parts):
            if matched := PART.fullmatch(part):
                words = [matched[4], matched[5] or "", *parts[k + 1 :]]
                return f"{matched[1]}_{matched[2]}", "/".join(word for word in words if word)
        return None

    def arrival(self, entry: str, files: Sequence[Entry]) -> Arrival:
        """Return the files of one participant."""
        name, _, participant = entry.rpartition("_")
        folder = f"{entry}_assignsubmission_file"
        handed_in = tuple(file.below("file") for file in files if file.path.startswith("file/"))
        others = {file.path.partition("/")[0] for file in files} - {"file"}
        note = f"what is not a file was left aside: {', '.join(sorted(others))}" * bool(others)
        ids = (folder, f"{folder}_")  # the folder ends on `_` before Moodle 4.1
        return Arrival(participant, ids, entry, folder, handed_in, name, note=note)
