"""Back to the platform: one archive of feedback, as its bulk upload wants it."""

from __future__ import annotations

from pathlib import Path

from cs826tl.grading.marking.cohort import Marks
from cs826tl.grading.plain.writing import safe_name, write_bytes, zipped
from cs826tl.grading.platforms.arrivals import Answer, Arrival
from cs826tl.grading.platforms.intake import Received


def write_returns(received: Received, marks: Marks, report: Path) -> Path:
    """Write `report/returns/<platform>.zip` from the marks and the pages in `report/feedback`.

    Only those who handed in are in it: a platform takes feedback on a submission.
    """
    answers = [_answer(s, one, marks, report) for s, one in sorted(received.counted.items())]
    place = report / "returns" / f"{received.platform.kind}.zip"
    write_bytes(place, zipped(received.platform.returned(answers)))
    return place


def _answer(student: str, arrival: Arrival, marks: Marks, report: Path) -> Answer:
    own = {exercise: found for (who, exercise), found in marks.items() if who == student}
    pages = [report / "feedback" / safe_name(student) / f"{exercise}.html" for exercise in own]
    return Answer(arrival, {page.name: page.read_bytes() for page in pages}, own)
