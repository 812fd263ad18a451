"""Back to the platform: one archive of what students get, as its bulk upload wants it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cs826tl_grader.marking.cohort import Marks
from cs826tl_grader.plain.writing import safe_name, write_bytes, zipped
from cs826tl_grader.platforms.arrivals import Returned
from cs826tl_grader.platforms.intake import Received


def write_returns(received: Received, marks: Marks, report: Path) -> Path:
    """Write `report/returns/<platform>.zip` from the marks and the pages in `report/feedback`."""
    pages: dict[str, list[Path]] = {student: [] for student in received.counted}
    for student, exercise in marks:
        place = report / "feedback" / safe_name(student) / f"{exercise}.html"
        pages.setdefault(student, []).append(place)
    return write_back(received, pages, marks, report)


def write_back(
    received: Received, given: Mapping[str, Sequence[Path]], marks: Marks, report: Path
) -> Path:
    """Write `report/returns/<platform>.zip` with the files that are given back to each student.

    Only those who handed in are in it: a platform takes feedback on a submission.
    """
    answers = [
        Returned(
            arrival,
            {path.name: path.read_bytes() for path in given.get(student, ()) if path.exists()},
            {exercise: found for (who, exercise), found in marks.items() if who == student},
        )
        for student, arrival in sorted(received.counted.items())
    ]
    place = report / "returns" / f"{received.platform.kind}.zip"
    write_bytes(place, zipped(received.platform.returned(answers)))
    return place
