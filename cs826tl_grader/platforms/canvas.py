"""Canvas: "Download Submissions" in, "Upload Submissions" (the re-upload) out.

A file is called `NAME[_LATE]_USER_FILE_name.ipynb`. The archive holds the newest attempt only;
where a student handed in a name that Canvas had before, it becomes `name-2.ipynb`. On the way
back Canvas takes the first two numbers between underscores for the user's id and the file's id,
and adds what lies there to the submission as a comment (`lib/content_zipper.rb` and
`Assignment`). The documented pages are "How do I download all student submissions for an
assignment?" and "How do I upload all student submissions for an assignment?" of the instructors'
guide at https://community.canvaslms.com.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from cs826tl_grader.platforms.arrivals import Arrival, Platform
from cs826tl_grader.platforms.reading import Entry

NAME = re.compile(r"(([^_/]*)(_LATE)?_(?:(\d+)|anon_(\w{5})))_(\d+)_(.+)")
AGAIN = re.compile(r"(\d\d_\w+?)-(\d{1,3})(\.ipynb)")  # NN_slug-2.ipynb


class Canvas(Platform):
    """Canvas's assignments, handed in as files.

    >>> import io
    >>> from cs826tl_grader.platforms.arrivals import Returned
    >>> entry = Entry("lovelaceada_LATE_17_4711_01_why-2.ipynb", io.BytesIO)
    >>> (one,) = Canvas().arrivals([entry])
    >>> one.there, one.late, one.files[0].path
    ('17', True, '01_why.ipynb')
    >>> list(Canvas().returned([Returned(one, {"01_why.html": b""}, {})]))
    ['lovelaceada_LATE_17_4711_01_why.html']
    """

    kind, title = "canvas", "Canvas"
    people = "the gradebook: Grades → Export → Export Entire Gradebook"
    back = "{arrival.back}_{page}"

    def split(self, path: str) -> tuple[str, str] | None:
        """Return what a name begins with, and the whole of it, for each file has an id too."""
        matched = NAME.fullmatch(path)
        return (matched[1], path) if matched else None

    def arrival(self, entry: str, files: Sequence[Entry]) -> Arrival:
        """Return one user's files, of each `NN_slug-2.ipynb` the newest, under the exercise's name.

        An anonymous user has no id that a list could tell.
        """
        found = [(matched, file) for file in files if (matched := NAME.fullmatch(file.path))]
        _, name, late, user, anonymous, first, _ = found[0][0].groups()
        newest: dict[str, Entry] = {}
        older = []
        for matched, file in sorted(found, key=lambda one: _numbered(one[0][7])[1], reverse=True):
            path, _ = _numbered(matched[7])
            if path in newest:
                older.append(matched[7])
            else:
                newest[path] = replace(file, path=path)
        return Arrival(
            user or anonymous, (), f"{name}_{user or anonymous}", entry, tuple(newest.values()),
            name, late=bool(late), back=f"{entry}_{first}",
            note=f"older, not counted: {', '.join(older)}" if older else "",
        )  # fmt: skip


def _numbered(path: str) -> tuple[str, int]:
    """Return a file's name as it was handed in, and the number that Canvas gave it."""
    again = AGAIN.fullmatch(path)
    return (again[1] + again[3], int(again[2])) if again else (path, 0)
