"""The lectures that have a quiz: their titles and their questions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from cs826tl import course
from cs826tl.widgets.questions import Question
from cs826tl.widgets.quiz_files import quiz_names, read_quiz


@dataclass(frozen=True)
class Lecture:
    """A lecture's quiz, such as `07_freezing_vs_finetuning`, "07 Freezing and fine-tuning"."""

    name: str
    title: str
    questions: tuple[Question, ...]


def lectures_with_quiz() -> list[Lecture]:
    """Return all lectures that have a quiz, in order, each with the title of its notebook.

    Raises FileNotFoundError where the notebooks are missing.

    >>> [lecture.title for lecture in lectures_with_quiz()][:2]
    ['00 Start here', '01 Why transfer?']
    """
    there, lectures = quiz_names(), []
    for path in sorted(course.notebooks_dir().glob("*.ipynb")):
        number, _, name = path.stem.partition("_")
        if name in there:
            lectures.append(Lecture(path.stem, f"{number} {_heading(path)}", read_quiz(name)))
    return lectures


def plain_number(value: float) -> str:
    """Return a number's digits without an exponent, which not every platform reads.

    >>> plain_number(0.00001), plain_number(8967)
    ('0.00001', '8967')
    """
    return f"{Decimal(str(value)):f}"


def _heading(path: Path) -> str:
    first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]
    return "".join(first).partition("\n")[0].removeprefix("# ")
