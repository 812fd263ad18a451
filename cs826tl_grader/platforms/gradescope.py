"""Gradescope: "Export Submissions" in, one `results.json` for each submission out.

The archive holds a folder `submission_ID` for each submission, and `submission_metadata.yml`, which
says who handed it in: a group's one submission counts for each of its members. The documented pages
are "Exporting submissions" and "Autograder specifications" (`results.json`) at
https://help.gradescope.com and https://gradescope-autograders.readthedocs.io.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from cs826tl_grader.marking.marks import Mark
from cs826tl_grader.platforms.arrivals import Arrival, Platform, Returned
from cs826tl_grader.platforms.reading import CannotRead, Entry

Marked = Mapping[str, Sequence[Mark]]  # by exercise
LIST = "submission_metadata.yml"
LONGEST = 64 * 2**20  # bytes of that list, which repeats what autograders printed
# Every value stays text: a student id such as 0123 keeps its zero.
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Gradescope(Platform):
    r"""Gradescope's programming assignments.

    >>> import io
    >>> text = b"submission_7:\n  :submitters:\n  - :sid: '017'\n    :email: a@b.edu\n"
    >>> metadata = Entry(LIST, lambda: io.BytesIO(text))
    >>> (one,) = Gradescope().arrivals([metadata, Entry("submission_7/01_why.ipynb", io.BytesIO)])
    >>> one.ids, one.label, one.files[0].path
    (('017', 'a@b.edu'), '017', '01_why.ipynb')
    """

    kind, title = "gradescope", "Gradescope"
    people = "the roster: Roster → More → Download Roster"
    back = "{arrival.back}/{arrival.label}/{page}"

    def recognises(self, entries: Sequence[Entry]) -> bool:
        """Say whether the list of submissions is there."""
        return any(entry.path == LIST for entry in entries)

    def arrivals(self, entries: Sequence[Entry]) -> list[Arrival]:
        """Return one arrival for each member of each submission's group."""
        (listed,) = (entry for entry in entries if entry.path == LIST)
        folders: dict[str, list[Entry]] = {}
        for entry in entries:
            folder, _, path = entry.path.partition("/")
            if path:
                folders.setdefault(folder, []).append(entry.below(folder))
        return [
            _arrival(folder, who, when, folders.get(folder, []))
            for folder, who, when in _submissions(listed)
        ]

    def returned(self, answers: Sequence[Returned]) -> dict[str, bytes]:
        """Return the pages and `results.json` in a folder for each submission."""
        results = {
            f"{one.arrival.back}/results.json": json.dumps(gradescope_results(one.marks)).encode()
            for one in answers
        }
        return results | super().returned(answers)


def _submissions(listed: Entry) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield folder, submitter and time; `CannotRead` where the list is none."""
    try:
        found = yaml.load(listed.read(LONGEST), Loader=LOADER)
    except yaml.YAMLError as problem:
        raise CannotRead(f"{LIST} cannot be read: {problem}") from None
    for folder, submission in _mapping(found).items():
        submission = _mapping(submission)
        submitters = submission.get(":submitters")
        for who in submitters if isinstance(submitters, list) else []:
            yield str(folder), _mapping(who), str(submission.get(":created_at", ""))


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _arrival(folder: str, who: dict[str, str], when: str, files: Sequence[Entry]) -> Arrival:
    ids = tuple(str(who[key]) for key in (":sid", ":email") if who.get(key))
    there = ids[0] if ids else ""
    name = str(who.get(":name", ""))
    return Arrival(
        there, ids, there or folder, folder, tuple(files), name, attempt=when, back=folder
    )


def gradescope_results(marked: Marked, said: str = "") -> dict[str, Any]:
    """Return Gradescope's `results.json`: a test for each question, `said` above them.

    >>> mark = Mark("why", 1.0, 2.0, "graded", "right in every case")
    >>> found = gradescope_results({"01_why": [mark]})
    >>> found["tests"][0]["name"], found["tests"][0]["score"], found["tests"][0]["max_score"]
    ('01_why: why', 1.0, 2.0)
    """
    tests = [
        {
            "name": name,
            "score": float(mark.points),
            "max_score": float(mark.max_points),
            "output": f"{mark.status}: {mark.reason}",
            "output_format": "text",
            "visibility": "visible",
        }
        for name, mark in in_order(marked)
    ]
    return {"output": said, "output_format": "text", "visibility": "visible", "tests": tests}


def in_order(marked: Marked) -> Iterator[tuple[str, Mark]]:
    """Yield every mark with the name that an autograder gives its question."""
    for exercise, marks in marked.items():
        for mark in marks:
            yield f"{exercise}: {mark.question}", mark
