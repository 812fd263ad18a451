"""`cs826tl quiz`: from the command line's arguments to files."""

from __future__ import annotations

from pathlib import Path

from cs826tl_grader.plain.writing import write_bytes, write_text, zipped
from cs826tl_grader.quizzes.gift import to_gift
from cs826tl_grader.quizzes.lectures import lectures_with_quiz
from cs826tl_grader.quizzes.qti import to_qti


def export_quizzes(gift: Path | None, qti: Path | None) -> int:
    """Write the quizzes of all lectures and return the number of their questions.

    A file that is there already is replaced. Nobody but you may read what is written: it holds the
    answers. Raises ValueError where neither file is named.
    """
    if not (gift or qti):
        raise ValueError("say where to write: --gift or --qti")
    lectures = lectures_with_quiz()
    if gift:
        write_text(gift, to_gift(lectures))
    if qti:
        write_bytes(qti, zipped(to_qti(lectures)))
    return sum(len(lecture.questions) for lecture in lectures)
