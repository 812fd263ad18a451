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
from dataclasses import replace

from cs826tl_grader.marking.marks import Mark
from cs826tl_grader.plain.writing import csv_text
from cs826tl_grader.platforms.arrivals import Arrival, Returned, placed
from cs826tl_grader.platforms.reading import CannotRead, Entry

NAME = re.compile(r"(.+?_attempt_(\d{4}(?:-\d\d){5}))(?:_(.+)|(\.txt))")
FIRST = re.compile(r"Name:\s*(.*)\(([^()]+)\)\s*")
FEEDBACK = ("Feedback to Learner", "Feedback Format")
LINE = 4096  # bytes in which the first line of the text must end


class Blackboard:
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

    def recognises(self, entries: Sequence[Entry]) -> bool:
        """Say whether most files belong to a dated attempt."""
        return 2 * sum(NAME.fullmatch(entry.path) is not None for entry in entries) > len(entries)

    def arrivals(self, entries: Sequence[Entry]) -> list[Arrival]:
        """Return every attempt; without its text an attempt has no key, for nothing names it."""
        attempts: dict[str, Arrival] = {}
        texts: dict[str, Entry] = {}
        for entry in entries:
            if matched := NAME.fullmatch(entry.path):
                start, when, path, text = matched.groups()
                known = attempts.setdefault(start, Arrival("", (), start, start, (), attempt=when))
                if text:
                    texts[start] = entry
                else:
                    files = (*known.files, replace(entry, path=path))
                    attempts[start] = replace(known, files=files)
        return [_named(arrival, texts.get(start)) for start, arrival in attempts.items()]

    def returned(self, answers: Sequence[Returned]) -> dict[str, bytes]:
        """Return the table that Blackboard takes, and beside it the pages."""
        exercises = sorted({exercise for one in answers for exercise in one.marks})
        columns = ["Username", *(c for e in exercises for c in (e, *FEEDBACK))]
        rows = [
            [one.arrival.label, *(c for e in exercises for c in _cells(one.marks.get(e, ())))]
            for one in answers
        ]
        table = {"feedback.csv": csv_text(columns, rows).encode("utf-8", "replace")}
        return table | placed(answers, "{arrival.label}/{page}")


def _cells(marks: Sequence[Mark]) -> tuple[object, str, str]:
    """Return points, feedback and its format, as the columns of one exercise."""
    said = "; ".join(f"{m.question}: {m.points:g} of {m.max_points:g}, {m.reason}" for m in marks)
    return float(sum(m.points for m in marks)), said, "PLAIN_TEXT"


def _named(arrival: Arrival, text: Entry | None) -> Arrival:
    """Return the arrival with the user that the first line of its text names."""
    try:
        first = text.read(LINE).decode("utf-8-sig", "replace").splitlines()[:1] if text else []
    except CannotRead:
        first = []
    matched = FIRST.fullmatch(first[0]) if first else None
    if matched is None or not arrival.entry.endswith(f"_{matched[2]}_attempt_{arrival.attempt}"):
        return replace(arrival, note="the text beside it, which names the student, is missing")
    return replace(
        arrival, there=matched[2], ids=(matched[2],), label=matched[2], name=matched[1].strip()
    )
