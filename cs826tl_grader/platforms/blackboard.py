"""Blackboard: "Assignment File Download" in, feedback and points for the gradebook out.

A file is called `ASSIGNMENT_USER_attempt_2026-11-02-10-15-03_name.ipynb`, and beside each attempt
lies a text of the same beginning whose first line reads `Name: Ada Lovelace (USER)`. That line
names the student: it is the only place where a `_` in the assignment's title or in the user's
name cannot mislead. Blackboard has no upload that gives files back to a whole class; what it
takes is a table with a column "Feedback to Learner". The documented pages are "Download
Assignments" and "Work Offline with Grade Data" at https://help.blackboard.com.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from cs826tl_grader.marking.marks import Mark
from cs826tl_grader.plain.writing import csv_text
from cs826tl_grader.platforms.arrivals import Arrival, Platform, Returned
from cs826tl_grader.platforms.reading import CannotRead, Entry

NAME = re.compile(r"(.+?_attempt_\d{4}(?:-\d\d){5})(?:_(.+)|\.txt)")
FIRST = re.compile(r"Name:\s*(.*)\(([^()]+)\)\s*")
FEEDBACK = ("Feedback to Learner", "Feedback Format")
LINE = 4096  # bytes in which the first line of the text must end
DATE = len("2026-11-02-10-15-03")


class Blackboard(Platform):
    """Blackboard Learn's assignments.

    >>> import io
    >>> start = "Exercise 1_ada_attempt_2026-11-02-10-15-03"
    >>> text = Entry(f"{start}.txt", lambda: io.BytesIO(b"Name: Ada Lovelace (ada)"))
    >>> (one,) = Blackboard().arrivals([Entry(f"{start}_01_why.ipynb", io.BytesIO), text])
    >>> one.ids, one.attempt, one.files[0].path
    (('ada',), '2026-11-02-10-15-03', '01_why.ipynb')
    """

    kind, title = "blackboard", "Blackboard"
    people = "the grade book: Work Offline → Download"

    back = "{arrival.label}/{page}"

    def split(self, path: str) -> tuple[str, str] | None:
        """Return the dated attempt, and a file's own name, which its text has not."""
        matched = NAME.fullmatch(path)
        return (matched[1], matched[2] or "") if matched else None

    def arrival(self, entry: str, files: Sequence[Entry]) -> Arrival:
        """Return an attempt of the user whom its text names, in its first line; or else of nobody.

        Without it an attempt has no key, for a file's name could be made to tell another user.
        """
        first, attempt = "", entry[-DATE:]
        for text in (file for file in files if not file.path):
            with suppress(CannotRead):
                first, *_ = *text.read(LINE).decode("utf-8-sig", "replace").splitlines(), ""
        matched = FIRST.fullmatch(first)
        handed_in = tuple(file for file in files if file.path)
        if matched is None or not entry.endswith(f"_{matched[2]}_attempt_{attempt}"):
            note = "the text beside it, which names the student, is missing"
            return Arrival("", (), entry, entry, handed_in, attempt=attempt, note=note)
        name, user = matched[1].strip(), matched[2]
        return Arrival(user, (user,), user, entry, handed_in, name, attempt)

    def returned(self, answers: Sequence[Returned]) -> dict[str, bytes]:
        """Return the table that Blackboard takes, and beside it the pages."""
        exercises = sorted({exercise for one in answers for exercise in one.marks})
        columns = ["Username", *(c for e in exercises for c in (e, *FEEDBACK))]
        rows = [
            [one.arrival.label, *(c for e in exercises for c in _cells(one.marks.get(e, ())))]
            for one in answers
        ]
        table = {"feedback.csv": csv_text(columns, rows).encode("utf-8", "replace")}
        return table | super().returned(answers)


def _cells(marks: Sequence[Mark]) -> tuple[object, str, str]:
    """Return points, feedback and its format, as the columns of one exercise."""
    said = "; ".join(f"{m.question}: {m.points:g} of {m.max_points:g}, {m.reason}" for m in marks)
    return float(sum(m.points for m in marks)), said, "PLAIN_TEXT"
