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

from cs826tl_grader.platforms.arrivals import Arrival, Returned, placed
from cs826tl_grader.platforms.reading import Entry

NAME = re.compile(r"([^_/]*)(_LATE)?_(?:(\d+)|anon_(\w{5}))_(\d+)_(.+)")
AGAIN = re.compile(r"(\d\d_\w+?)-(\d{1,3})(\.ipynb)")  # NN_slug-2.ipynb


class Canvas:
    """Canvas's assignments, handed in as files.

    >>> import io
    >>> entry = Entry("lovelaceada_LATE_17_4711_01_why-2.ipynb", io.BytesIO)
    >>> (one,) = Canvas().arrivals([entry])
    >>> one.there, one.late, one.files[0].path
    ('17', True, '01_why.ipynb')
    >>> list(Canvas().returned([Returned(one, {"01_why.html": b""}, {})]))
    ['lovelaceada_LATE_17_4711_01_why.html']
    """

    kind, title = "canvas", "Canvas"
    people = "the gradebook: Grades → Export → Export Entire Gradebook"

    def recognises(self, entries: Sequence[Entry]) -> bool:
        """Say whether most files begin with a name and two numbers."""
        return 2 * sum(NAME.fullmatch(entry.path) is not None for entry in entries) > len(entries)

    def arrivals(self, entries: Sequence[Entry]) -> list[Arrival]:
        """Return one arrival per user; an anonymous one has no id that a list could tell."""
        found: dict[str, Arrival] = {}
        for entry in entries:
            if matched := NAME.fullmatch(entry.path):
                name, late, user, anonymous, file, path = matched.groups()
                prefix = f"{name}{late or ''}_{user or f'anon_{anonymous}'}"
                known = found.get(prefix) or Arrival(
                    user or anonymous, (), f"{name}_{user or anonymous}", prefix, (), name,
                    late=bool(late), back=f"{prefix}_{file}",
                )  # fmt: skip
                files = (*known.files, replace(entry, path=path))
                found[prefix] = replace(known, files=files)
        return [_newest(arrival) for arrival in found.values()]

    def returned(self, answers: Sequence[Returned]) -> dict[str, bytes]:
        """Return the pages under names by which Canvas finds user and submission."""
        return placed(answers, "{arrival.back}_{page}")


def _newest(arrival: Arrival) -> Arrival:
    """Return the arrival with only the newest `NN_slug-2.ipynb`, under the exercise's name."""
    newest: dict[str, Entry] = {}
    older = []
    for entry in sorted(arrival.files, key=lambda entry: _numbered(entry)[1], reverse=True):
        path, _ = _numbered(entry)
        if path in newest:
            older.append(entry.path)
        else:
            newest[path] = replace(entry, path=path)
    note = f"older, not counted: {', '.join(older)}" if older else ""
    return replace(arrival, files=tuple(newest.values()), note=note)


def _numbered(entry: Entry) -> tuple[str, int]:
    """Return a file's name as it was handed in, and the number that Canvas gave it."""
    again = AGAIN.fullmatch(entry.path)
    return (again[1] + again[3], int(again[2])) if again else (entry.path, 0)
